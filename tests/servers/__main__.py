"""Install all servers: ``python -m tests.servers``."""

import sys
import time

from . import bluesky, matrix, mediawiki, snac, wordpress
from .debian import ServerError


def main():
    """Install what is missing and say how long each took."""
    for module in (snac, wordpress, mediawiki, matrix, bluesky):
        name = module.__name__.rpartition(".")[2]
        began = time.monotonic()
        try:
            module.installed()
        except ServerError as error:
            sys.exit(f"{name}: {error}")
        print(f"{name}: {time.monotonic() - began:.1f} s", flush=True)


if __name__ == "__main__":
    main()
