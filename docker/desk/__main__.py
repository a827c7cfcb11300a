"""Command line of the installer and runner; the Makefile calls nothing else."""

from __future__ import annotations

import os
import shutil
import sys

from .demo import Demo
from .settings import VARIABLES, Settings
from .steps import Failure, say
from .testing import STAGES

COMMANDS = {
    "help": "this text",
    "demo": "install everything, start Odoo with demo data, print address and login; keeps data, upgrades the addon",
    "stop": "stop what `make demo` started; data stays",
    "shell": "Odoo's shell on the demo database; reads standard input: echo 'print(env.user.name)' | make shell",
    "test": 'all tests; `make test tests/connectors` or `make test ARGS="-k feed"` runs a part',
    "lint": "style and conventions of Python, XML, JavaScript and docker/; `make format` repairs formatting",
    "format": "repair the formatting of Python, XML and JavaScript",
    "bench": "benchmarks, all or one: `make bench ingest`; last lines are `ratio NAME VALUE`",
    "stress": "the long random-kill tests",
    "evaluate": 'accuracy on labelled data: make evaluate ARGS="NAME --data FILE"',
    "train": "train the weights that the addon ships from its corpus and word lists; the same input, the same bytes",
    "i18n": "renew the terms to translate from the installed addons; translations are kept",
    "pins": "renew docker/requirements from setup.cfg",
    "clean": "stop everything and remove the runtime folder, demo data included",
}


def usage(settings: Settings) -> int:
    """Commands and variables."""
    say("Commands")
    for name, text in COMMANDS.items():
        say(f"  make {name:<9} {text}")
    say("\nParts of the tests (make test NAME …)")
    for stage in STAGES:
        say(f"  {stage.name:<8} {stage.title}{': ' if stage.folders else ''}{', '.join(stage.folders)}")
    say("\nVariables (make demo PORT=8070, or from the environment)")
    for name, text in VARIABLES.items():
        say(f"  {name:<12} {text}")
    return 0


def clean(settings: Settings) -> int:
    """Remove the runtime folder; only one that was made here."""
    if not settings.runtime.exists():
        say("Nothing to remove.")
        return 0
    if not (settings.runtime / "CACHEDIR.TAG").exists():
        raise Failure(f"{settings.runtime} was not made by this command.", "Remove it by hand if you are sure.")
    from . import postgres

    Demo(settings).stop()
    postgres.Server(settings, "pg-test").stop()
    shutil.rmtree(settings.runtime)
    say(f"Removed {settings.runtime}.")
    return 0


def prepare_runtime(settings: Settings) -> None:
    """Make the runtime folder; the tag tells backup programs to leave it out."""
    settings.runtime.mkdir(parents=True, exist_ok=True)
    tag = settings.runtime / "CACHEDIR.TAG"
    if not tag.exists():
        tag.write_text(
            "Signature: 8a477f597d28d172789f06886806bc55\n# Made by make; `make clean` removes the folder.\n"
        )


def main(words: list[str]) -> int:
    """Run one command; returns the exit code."""
    name, *rest = words or ["help"]
    try:
        settings = Settings.read(words=rest)
        if name not in COMMANDS:
            raise Failure(f"Unknown command {name}.", "See: make help")
        if name == "help":
            return usage(settings)
        if name == "clean":
            return clean(settings)
        prepare_runtime(settings)
        if name == "demo":
            Demo(settings).start()
            return 0
        if name == "stop":
            Demo(settings).stop()
            return 0
        if name == "shell":
            return Demo(settings).shell()
        if name == "i18n":
            from . import i18n

            return i18n.command(settings)
        from . import linting, testing

        if name in ("lint", "format"):
            return linting.command(settings, fix=name == "format")
        return testing.command(settings, name)
    except Failure as failure:
        say(f"\nFailed: {failure.message}")
        if failure.advice:
            say(f"\nWhat to do: {failure.advice}")
        return 1
    except BrokenPipeError:  # the output is read no further, as by `make lint | head`
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 141
    except KeyboardInterrupt:
        say("\nStopped. Run the command again to go on where it was.")
        return 130


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
