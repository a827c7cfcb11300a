"""Odoo 19 itself: a tree that exists already, or Debian's packages unpacked into the runtime folder.

Debian carries Odoo 19 in unstable. Nothing of it is installed: a private apt state, signed by Debian's own keys and
fed from the archive this machine already uses, downloads the packages, and they are unpacked side by side.
"""

from __future__ import annotations

import os
import re
import shutil
from pathlib import Path

from . import packages, system
from .settings import Settings
from .steps import Failure, Stamp, fingerprint, new_folder, output, run

#: Suite -> packages. Odoo links to these fonts and scripts by relative links, so they lie beside it.
SUITES = {
    "sid": (
        "odoo-19",
        "fonts-roboto-unhinted",
        "fonts-montserrat",
        "fonts-ocr-b",
        "libjs-jquery",
        "libjs-jquery-form",
        "libjs-underscore",
    ),
    # Unstable's Font Awesome is another major version with other paths.
    "bookworm": ("fonts-font-awesome", "fonts-inconsolata"),
}
#: The one script that Debian leaves out of Odoo; without it every page logs an error, which fails every tour.
SELFIE = ("@mediapipe/selfie_segmentation", "0.1.1675465747", "selfie_segmentation.js")
KEYRING = "/usr/share/keyrings/debian-archive-keyring.gpg"
DEBIAN_FOLDER = Path("usr/lib/python3/dist-packages")

HOW_TO_GET_ONE = """Set ODOO_TREE to a folder with Odoo 19, for example
  a source checkout of Odoo's branch 19.0 (the folder with odoo-bin), or
  the folder site-packages or dist-packages into which Odoo 19 is installed;
then run: make demo ODOO_TREE=/path/to/odoo
Or use Docker: docker compose -f docker/compose.yaml up"""


class Tree:
    """An Odoo 19 on disk."""

    def __init__(self, package: Path):
        #: Folder that contains the Python package `odoo`.
        self.package = package

    @property
    def addons_paths(self) -> list[Path]:
        """Odoo's own addon folders."""
        own = [self.package / "odoo" / "addons"]
        # A source checkout keeps most addons beside the package; Debian's sibling is a stray copy without data.
        beside = self.package / "addons"
        if (beside / "web" / "__manifest__.py").exists() and (beside / "web" / "views").exists():
            own.append(beside)
        return own

    @property
    def fingerprint(self) -> str:
        """Changes when another Odoo lies here."""
        release = self.package / "odoo" / "release.py"
        web = next((p / "web" / "__manifest__.py" for p in self.addons_paths if (p / "web").exists()), release)
        return fingerprint(release, str(self.package), int(web.stat().st_mtime))

    @classmethod
    def find(cls, folder: Path) -> Tree | None:
        """The Odoo below a folder, wherever it keeps the package."""
        for place in (folder, folder / DEBIAN_FOLDER, folder.parent):
            release = place / "odoo" / "release.py"
            if release.exists():
                found = re.search(r"version_info = \((\d+|'[^']*'),", release.read_text(encoding="utf-8"))
                if not found or found[1] != "19":
                    raise Failure(f"{place} is not Odoo 19 but {found[1] if found else 'unknown'}.", HOW_TO_GET_ONE)
                return cls(place)
        return None


def locate(settings: Settings) -> Tree:
    """The Odoo tree in use; fails when there is none yet."""
    folder = settings.odoo_tree or settings.runtime / "odoo"
    found = Tree.find(folder) if folder.exists() else None
    if not found:
        raise Failure(f"No Odoo 19 in {folder}.", HOW_TO_GET_ONE if settings.odoo_tree else "Run: make demo")
    return found


def ensure(settings: Settings) -> str:
    """Have an Odoo 19; returns what was done."""
    if settings.odoo_tree:
        return f"using {locate(settings).package}"
    folder = settings.runtime / "odoo"
    stamp = Stamp(folder / "ready.json")
    inputs = fingerprint(SUITES, SELFIE)
    if stamp.current(inputs):
        return "ready"
    if not system.is_debian():
        raise Failure("This machine is not Debian, so Odoo 19 cannot be fetched from Debian's archive.", HOW_TO_GET_ONE)
    with new_folder(folder) as new:
        versions = {}
        for suite, names in SUITES.items():
            versions.update(_unpack(settings, suite, names, new))
        # Debian ships a second, incomplete copy of the addons beside the package.
        shutil.rmtree(new / DEBIAN_FOLDER / "addons", ignore_errors=True)
        shutil.rmtree(new / "usr" / "share" / "doc", ignore_errors=True)
        _add_selfie_script(settings, new)
        _check(new)
        Stamp(new / "ready.json").write(inputs, versions=versions)
    return f"Odoo {versions['odoo-19']}"


def archives() -> list[str]:
    """Debian archives that this machine's apt uses, main archive first."""
    lines = output(
        ["apt-get", "indextargets", "--format", "$(REPO_URI) $(RELEASE) $(COMPONENT)", "Created-By: Packages"]
    )
    found: list[str] = []
    for line in lines.splitlines():
        address, suite, component = (line.split() + ["", ""])[:3]
        if component == "main" and not re.search(r"security|updates|backports", f"{address} {suite}"):
            found.append(address)
    # Other repositories may be configured too; Debian's is called so nearly everywhere.
    return sorted(dict.fromkeys(found), key=lambda address: not re.search(r"debian/?$", address))


def _unpack(settings: Settings, suite: str, names: tuple[str, ...], target: Path) -> dict[str, str]:
    """Download packages of a suite with a private apt state and unpack them; returns their versions."""
    known = archives()
    if not known:
        raise Failure(
            "apt on this machine knows no Debian archive.",
            f"Add Debian's main archive to /etc/apt/sources.list.d, or: {HOW_TO_GET_ONE}",
        )
    log = settings.logs / "odoo.log"
    state = settings.runtime / "apt" / suite
    debs = settings.runtime / "apt" / "debs"
    for folder in (state / "lists" / "partial", state / "cache" / "archives" / "partial", debs):
        folder.mkdir(parents=True, exist_ok=True)
    options = [
        f"-oDir::Etc::sourcelist={state / 'sources.list'}",
        "-oDir::Etc::sourceparts=/dev/null",
        f"-oDir::State::Lists={state / 'lists'}",
        f"-oDir::Cache={state / 'cache'}",
        "-oAcquire::Languages=none",
        "-oAcquire::Retries=3",
        "-oAPT::Get::List-Cleanup=false",
    ]
    if system.is_root():
        options.append("-oAPT::Sandbox::User=root")
    env = {**os.environ, "LC_ALL": "C.UTF-8"}
    advice = f"Look at {log}. Without access to the archive: {HOW_TO_GET_ONE}"
    last: Failure | None = None
    for address in known:
        (state / "sources.list").write_text(f"deb [signed-by={KEYRING}] {address} {suite} main\n")
        try:
            run(["apt-get", *options, "-qq", "update"], what=f"Reading Debian {suite}", log=log, env=env, advice=advice)
            command = ["apt-get", *options, "-qq", "download", *names]
            run(command, what=f"Downloading from Debian {suite}", log=log, env=env, cwd=debs, advice=advice)
            break
        except Failure as failure:
            last = failure
    else:
        raise last or Failure("No archive worked.", advice)
    versions = {}
    for name in names:
        files = sorted(debs.glob(f"{name}_*.deb"), key=lambda file: file.stat().st_mtime)
        if not files:
            raise Failure(f"apt-get downloaded no file for {name}.", advice)
        versions[name] = output(["dpkg-deb", "-f", files[-1], "Version"]).strip()
        run(["dpkg-deb", "-x", files[-1], target], what=f"Unpacking {files[-1].name}", log=log, advice=advice)
    shutil.rmtree(debs, ignore_errors=True)
    shutil.rmtree(state, ignore_errors=True)
    return versions


def _add_selfie_script(settings: Settings, target: Path) -> None:
    name, version, script = SELFIE
    with new_folder(settings.runtime / "apt" / "selfie") as work:
        command = [*packages.ensure_node(settings), "pack", "--silent", f"{name}@{version}"]
        run(
            command,
            what=f"Fetching {name}",
            log=settings.logs / "npm.log",
            cwd=work,
            env=packages.node_environment(settings),
            advice=packages.NETWORK,
        )
        shutil.unpack_archive(next(work.glob("*.tgz")), work, "gztar")
        place = target / DEBIAN_FOLDER / "odoo/addons/mail/static/lib/selfie_segmentation"
        place.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(work / "package" / script, place / script)


def _check(target: Path) -> None:
    if not Tree.find(target):
        raise Failure("The unpacked packages hold no Odoo.", HOW_TO_GET_ONE)
    # A link into nothing below web/static makes every page fail.
    dangling = [
        str(path.relative_to(target))
        for path in (target / DEBIAN_FOLDER / "odoo" / "addons").rglob("static/**/*")
        if path.is_symlink() and not path.exists()
    ]
    if dangling:
        raise Failure(
            f"Debian's Odoo links to files of packages that were not fetched: {', '.join(dangling[:5])}.",
            "Add the packages that hold them to SUITES in docker/desk/tree.py.",
        )
