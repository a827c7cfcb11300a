"""Two hundred channels on a server that answers after a tenth of a second.

``ratio channels_vs_ideal`` is the time that one run of the listener takes ÷ the time that the waiting alone must take
(200 × 0.1 s ÷ threads of the pool).  Lower is better; 1 is the ideal and the target at most 1.5.  The server is a
process of its own on this machine; each channel has new posts, which are matched and stored.  Median of the rounds.
"""

import statistics

from tests.local.desk import make_channels, make_due, make_topics
from tests.local.server import running
from tests.odoo_desk import environment

from ._bench import database, timed

CHANNELS, DELAY, ROUNDS = 200, 0.1, 5
#: Every hundredth post, every hundred-and-first…: few posts each, and rarely the same.
FIRST_TAG = 100
BEGINNING, STEP = 3_000, 600


def listen(name):
    """One run of the listener over all channels."""
    with environment(name) as env:
        return env["community.listener"]._listen_channels(env["community.channel"].search([]), 120)


def main():
    """Print the figures."""
    with database("channels") as name, running(published=BEGINNING) as server:
        with environment(name) as env:
            from odoo.addons.community_manager.models.listening.community_listener import POOL_PARAMETER, POOL_SIZE

            size = int(env["ir.config_parameter"].get_param(POOL_PARAMETER) or POOL_SIZE)
            make_topics(env)
            make_channels(env, server.url, [f"every{FIRST_TAG + number}" for number in range(CHANNELS)])
        listen(name)
        ideal = CHANNELS * DELAY / size
        ratios = []
        for number in range(ROUNDS):
            server.control(published=BEGINNING + STEP * (number + 1), delay=DELAY)
            with environment(name) as env:
                make_due(env)
                before = env["community.mention"].search_count([])
            asked = server.control()["requests"]
            seconds, (done, _left) = timed(lambda: listen(name))
            asked = server.control()["requests"] - asked
            with environment(name) as env:
                stored = env["community.mention"].search_count([]) - before
            print(
                f"round {number + 1}: {done} channels, {asked} requests, {stored} mentions in {seconds:.2f} s",
                flush=True,
            )
            if done != CHANNELS or asked < CHANNELS or not stored:
                raise SystemExit("not every channel was listened to: the figure would mean nothing")
            ratios.append(seconds / ideal)
    print(f"{size} threads: {ideal:.2f} s of waiting at least")
    print(f"ratio channels_vs_ideal {statistics.median(ratios):.2f}")


if __name__ == "__main__":
    main()
