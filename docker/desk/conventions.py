"""Rules of this project that no tool knows: which floor may import what, file length, pinned packages."""

from __future__ import annotations

import ast
import configparser
import re

from .settings import ADDON, Settings

#: Lines after which a file should have been two.
LONGEST = 420
#: Tests are read one by one, so their files may be longer.
LONGEST_TESTS = 600
#: Floor -> modules it must not import. A connector cannot touch a record, a model cannot touch a socket.
NOT_ODOO = ("odoo",)
NETWORK = ("requests", "urllib3", "http.client", "urllib.request", "socket", "ssl", "aiohttp", "httpx", "smtplib")
DATABASE = ("psycopg2", "psycopg", "sqlite3")
FLOORS = {
    f"{ADDON}/connectors/": (*NOT_ODOO, *DATABASE),
    f"{ADDON}/analysis/": (*NOT_ODOO, *DATABASE, *NETWORK),
    f"{ADDON}/models/": NETWORK,
    f"{ADDON}/wizards/": NETWORK,
    f"{ADDON}/controllers/": NETWORK,
}
PIN_FILES = {"run": ("", "odoo", "server"), "addon": (), "test": ("test", "use", "e5"), "lint": ("lint",)}


def check(settings: Settings, names: list[str]) -> list[tuple[str, list[str]]]:
    """The rules with what breaks them."""
    return [
        ("floors: who imports what", floors(settings, names)),
        (f"files of at most {LONGEST} lines, of tests {LONGEST_TESTS}", lengths(settings, names)),
        ("packages named in setup.cfg and pinned", pins(settings)),
    ]


def imported(source: str) -> list[tuple[int, str]]:
    """Line and dotted name of every absolute import."""
    found = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            found += [(node.lineno, alias.name) for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and not node.level and node.module:
            found.append((node.lineno, node.module))
            found += [(node.lineno, f"{node.module}.{alias.name}") for alias in node.names]
    return found


def floors(settings: Settings, names: list[str]) -> list[str]:
    """Imports that a floor must not have."""
    problems = []
    for name in names:
        forbidden = next((banned for folder, banned in FLOORS.items() if name.startswith(folder)), ())
        if not forbidden or not name.endswith(".py"):
            continue
        try:
            imports = imported((settings.root / name).read_text(encoding="utf-8"))
        except SyntaxError:
            continue  # ruff reports it
        lines = {
            (line, module): None
            for line, module in imports
            if any(module == banned or module.startswith(f"{banned}.") for banned in forbidden)
        }
        problems += [f"{name}:{line}: imports {module}" for line, module in lines]
    return problems


def lengths(settings: Settings, names: list[str]) -> list[str]:
    """Files that are too long."""
    counted = ((name, len((settings.root / name).read_bytes().splitlines())) for name in names)
    found = []
    for name, count in counted:
        if count > (LONGEST_TESTS if "/test_" in name else LONGEST):
            found.append(f"{name}: {count} lines")
    return found


def normal(name: str) -> str:
    """A distribution's name as registries compare it."""
    return re.sub(r"[-_.]+", "-", re.split(r"[=<>~!; \[]", name.strip())[0]).lower()


def wanted(settings: Settings) -> dict[str, list[str]]:
    """Group -> requirements of setup.cfg; the addon's own group has an empty name."""
    parser = configparser.ConfigParser(interpolation=None)
    parser.read(settings.root / "setup.cfg", encoding="utf-8")
    groups = {"": parser["options"]["install_requires"], **parser["options.extras_require"]}
    return {
        group: [line.strip() for line in text.splitlines() if line.strip() and not line.strip().startswith("#")]
        for group, text in groups.items()
    }


def pinned(settings: Settings, name: str) -> set[str]:
    """Distributions of a pin file."""
    lines = (settings.docker / "requirements" / f"{name}.txt").read_text(encoding="utf-8").splitlines()
    return {normal(line) for line in lines if "==" in line and not line.startswith("#")}


def pins(settings: Settings) -> list[str]:
    """Packages of setup.cfg without pin, and packages of the manifest that setup.cfg does not name."""
    groups = wanted(settings)
    problems = []
    for file, parts in PIN_FILES.items():
        have = pinned(settings, file)
        if file == "test":
            have |= pinned(settings, "run")
        for group in parts:
            missing = [name for name in groups[group] if normal(name) not in have]
            problems += [f"docker/requirements/{file}.txt does not pin {name}: run `make pins`" for name in missing]
    manifest = ast.literal_eval((settings.root / ADDON / "__manifest__.py").read_text(encoding="utf-8"))
    own = {normal(name) for name in groups[""]}
    for name in manifest.get("external_dependencies", {}).get("python", []):
        if normal(name) not in own:
            problems.append(f"setup.cfg does not name {name}, which the manifest wants")
    return problems
