"""Memory while a hundred thousand posts are caught up, as after a week offline.

``ratio catchup_memory_mb`` is how many megabytes the process grows beyond what it holds when idle, at its peak.  Lower
is better, the target is below 400.  ``ratio catchup_second_half`` is the peak of the second half ÷ the peak of the
first: about 1 when memory is flat.  The server speaks the Mastodon API in a process of its own; runs of the listener
follow each other as the scheduled action starts them.
"""

import gc
import os
import time
from pathlib import Path

from tests.local.desk import make_channels, make_due, make_topics
from tests.local.server import running
from tests.odoo_desk import environment

from ._bench import database

BEGINNING = 40
POSTS = int(os.environ.get("COMMUNITY_CATCHUP_POSTS") or 100_000)
#: Seconds of one run: what a scheduled action may take.
BUDGET = 50


def memory(field):
    """Megabytes that ``/proc/self/status`` tells for this process: "VmRSS" now, "VmHWM" at the peak."""
    for line in Path("/proc/self/status").read_text(encoding="ascii").splitlines():
        if line.startswith(field):
            return int(line.split()[1]) / 1024
    raise SystemExit("no such figure on this system")


def forget_peak():
    """Let the peak begin at what is held now."""
    Path("/proc/self/clear_refs").write_text("5", encoding="ascii")


def listen(name, seconds):
    """One run of the listener; returns how many mentions there are."""
    with environment(name) as env:
        make_due(env)
    with environment(name) as env:
        env["community.listener"]._listen_channels(env["community.channel"].search([]), seconds)
    with environment(name) as env:
        return env["community.mention"].search_count([])


def main():
    """Print the figures."""
    with database("catchup") as name, running(published=BEGINNING) as server:
        with environment(name) as env:
            make_topics(env)
            make_channels(env, server.url, ["every1"])
        listen(name, BUDGET)
        gc.collect()
        idle = memory("VmRSS")
        server.control(published=BEGINNING + POSTS)
        peaks, start, stored = [], time.monotonic(), BEGINNING
        for goal in (BEGINNING + POSTS // 2, BEGINNING + POSTS):
            forget_peak()
            while stored < goal:
                before = stored
                stored = listen(name, BUDGET if goal > BEGINNING + POSTS // 2 else BUDGET / 5)
                print(
                    f"{stored:,} mentions, {memory('VmRSS') - idle:+.0f} MB, peak {memory('VmHWM') - idle:+.0f} MB",
                    flush=True,
                )
                if stored == before:
                    raise SystemExit("catching up stands still")
            peaks.append(memory("VmHWM"))
        seconds = time.monotonic() - start
    print(f"idle {idle:.0f} MB; {POSTS:,} posts in {seconds:.0f} s ({POSTS / seconds:,.0f}/s)")
    print(f"ratio catchup_second_half {peaks[1] / peaks[0]:.2f}")
    print(f"ratio catchup_memory_mb {max(peaks) - idle:.0f}")


if __name__ == "__main__":
    main()
