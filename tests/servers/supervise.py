"""Run one program and end its whole process group when the one who started us is gone.

``python supervise.py SECONDS PROGRAM ARGUMENT…`` as leader of a process group.  Standard input is a pipe that nobody
writes to: when its other end closes, for whatever reason, the group gets SIGTERM and, ``SECONDS`` later, SIGKILL.
"""

import ctypes
import os
import select
import signal
import subprocess
import sys
import time

PR_SET_PDEATHSIG = 1


def main(grace, command):
    """Run ``command`` until it ends, our standard input closes, or somebody sends SIGTERM."""
    wake, waker = os.pipe2(os.O_NONBLOCK)
    signal.set_wakeup_fd(waker, warn_on_full_buffer=False)
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGCHLD):
        signal.signal(number, lambda *_: None)
    libc = ctypes.CDLL(None)
    child = subprocess.Popen(
        command, stdin=subprocess.DEVNULL, preexec_fn=lambda: libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    )
    select.select([sys.stdin, wake], [], [])
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    os.killpg(0, signal.SIGTERM)
    end = time.monotonic() + grace
    while child.poll() is None and time.monotonic() < end:
        time.sleep(0.02)
    print(f"[ended with status {child.returncode}]", flush=True)
    os.killpg(0, signal.SIGKILL)


if __name__ == "__main__":
    main(float(sys.argv[1]), sys.argv[2:])
