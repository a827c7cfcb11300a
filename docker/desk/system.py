"""Debian packages and programs of the machine itself."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

from .settings import Settings
from .steps import Failure, output, run

#: Pythons Odoo 19 runs on and the pinned packages exist for.
PYTHONS = ((3, 11), (3, 12), (3, 13))
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


def is_debian() -> bool:
    """Whether apt-get and Debian's signing keys are here."""
    return Path("/usr/share/keyrings/debian-archive-keyring.gpg").exists() and bool(shutil.which("apt-get"))


def is_root() -> bool:
    """Whether system packages may be installed."""
    return os.geteuid() == 0


def require(packages: list[str], settings: Settings, reason: str) -> list[str]:
    """Install Debian packages as root, or fail with the line that installs them."""
    if not packages:
        return []
    line = f"apt-get install --no-install-recommends {' '.join(packages)}"
    if not (is_root() and shutil.which("apt-get")):
        how = f"Run as root: {line}" if shutil.which("apt-get") else f"Install: {' '.join(packages)}"
        raise Failure(
            f"Missing on this machine: {', '.join(packages)} ({reason}).", f"{how}\nThen run the command again."
        )
    env = {**os.environ, "DEBIAN_FRONTEND": "noninteractive", "LC_ALL": "C.UTF-8"}
    log = settings.logs / "apt.log"
    advice = f"Look at {log}, or run it by hand: {line}"
    run(["apt-get", "-qq", "update"], what="apt-get update", log=log, env=env, advice=advice)
    command = ["apt-get", "-y", "-qq", "--no-install-recommends", "install", *packages]
    run(command, what=f"Installing {' '.join(packages)}", log=log, env=env, advice=advice)
    return packages


def base_packages(settings: Settings) -> list[str]:
    """Debian packages missing for `make demo`."""
    missing = []
    certificates = Path("/etc/ssl/certs/ca-certificates.crt")
    if not certificates.exists() and shutil.which("apt-get"):
        missing.append("ca-certificates")
    if not settings.odoo_python and not (settings.venv / "bin" / "python").exists():
        python = find_python()
        if not output([python, "-c", "import ensurepip, venv; print(1)"]):
            version = output([python, "-c", "import sys; print('%d.%d' % sys.version_info[:2])"]).strip()
            missing.append(f"python{version}-venv" if version else "python3-venv")
    return missing


def find_python() -> str:
    """A Python that Odoo 19 runs on: the one running this, else one found on the path."""
    if sys.version_info[:2] in PYTHONS:
        return sys.executable
    for major, minor in reversed(PYTHONS):
        found = shutil.which(f"python{major}.{minor}")
        if found:
            return found
    wanted = ", ".join(f"{major}.{minor}" for major, minor in PYTHONS)
    raise Failure(
        f"Odoo 19 needs Python {wanted}; this is {sys.version.split()[0]} and no other is on the path.",
        "Install one of them, or set ODOO_PYTHON to one that has Odoo's packages.",
    )


def find_browser(settings: Settings) -> str:
    """Path of the browser for tours, empty when there is none."""
    for name in (settings.chromium, *BROWSERS):
        found = shutil.which(name) if name else None
        if found and Path(found).resolve().parent != settings.runtime / "bin":
            return found
    return ""


def require_test_programs(settings: Settings) -> str:
    """The browser of the tours and curl, installed when root; fails with the line to run otherwise."""
    if settings.chromium and not shutil.which(settings.chromium):
        raise Failure(f"CHROMIUM={settings.chromium} cannot be run.", "Name an existing browser, or leave it out.")
    missing = [] if find_browser(settings) else ["chromium", "fonts-liberation"]
    if not shutil.which("curl"):
        missing.append("curl")
    require(missing, settings, "browser of the tours, client of the webhook tests")
    return find_browser(settings)


def browser_wrapper(settings: Settings) -> Path:
    """Folder with a `google-chrome` that Odoo's tests find first: same browser, no talk with its maker's servers."""
    browser = find_browser(settings)
    folder = settings.runtime / "bin"
    folder.mkdir(parents=True, exist_ok=True)
    script = folder / "google-chrome"
    flags = "--disable-quic --disable-component-update --disable-sync --disable-features=OptimizationHints,MediaRouter"
    text = f'#!/bin/sh\nexec "{browser}" {flags} "$@"\n'
    if not script.exists() or script.read_text() != text:
        temporary = folder / f".google-chrome.{os.getpid()}"
        temporary.write_text(text)
        temporary.chmod(0o755)
        temporary.replace(script)
    return folder
