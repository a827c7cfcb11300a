"""Programs from Debian's archive, unpacked into a folder of their own: nothing is installed on the machine.

Everything a program needs, its C library included, is unpacked beside it and started through that tree's own loader, so
it runs the same on every release.  The archive's address is the one the machine's own apt uses.
"""

import fcntl
import hashlib
import os
import shutil
import subprocess
from contextlib import contextmanager
from pathlib import Path

#: the release whose packages the recipes were written against
RELEASE = "trixie"
#: how Debian's own archive is told from others in an apt configuration
DEBIAN_RELEASES = ("bullseye", "bookworm", "trixie", "forky", "sid", "oldstable", "stable", "testing", "unstable")
KEYRINGS = ("/usr/share/keyrings/debian-archive-keyring.pgp", "/usr/share/keyrings/debian-archive-keyring.gpg")
#: wanted by installation scripts only, which are not run here
UNNEEDED = {
    "adduser",
    "base-passwd",
    "debconf",
    "init-system-helpers",
    "passwd",
    "perl-base",
    "procps",
    "psmisc",
    "ucf",
}
TIMEOUT = 900


class ServerError(Exception):
    """A server could not be installed or started; the text says what to do."""


class NotHere(ServerError):
    """This machine lacks what a server is made from, and no test can mend that."""


def runtime():
    """Return the folder that holds installed servers."""
    root = os.environ.get("RUNTIME") or Path(__file__).parents[2] / ".runtime"
    return Path(root).resolve() / "servers"


@contextmanager
def locked(path):
    """Hold an exclusive lock on the file ``path``."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with open(path, "w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def run(command, what, **options):
    """Run a command and return its output.

    :raises ServerError: it failed; with its last lines
    """
    options = {"stdin": subprocess.DEVNULL, "timeout": TIMEOUT} | options
    if "input" in options:
        del options["stdin"]
    try:
        done = subprocess.run(
            [str(part) for part in command], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, **options
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise ServerError(f"{what}: {error}") from error
    if done.returncode:
        tail = "\n".join(done.stdout.splitlines()[-15:])
        raise ServerError(f"{what}: exit status {done.returncode}\n{tail}")
    return done.stdout


def install(name, sources, build):
    """Return the folder of an installed server, building it first where that is still to be done.

    The folder appears whole or not at all, and is built again when one of the files in ``sources`` changes.

    :param build: called with the folder to fill
    """
    home = runtime()
    sources = [Path(__file__), *map(Path, sources)]
    version = hashlib.sha256(b"".join(path.read_bytes() for path in sources)).hexdigest()
    final, partial = home / name, home / f"{name}.partial"
    stamp = final / ".complete"
    with locked(home / f"{name}.lock"):
        if not stamp.is_file() or stamp.read_text() != version:
            shutil.rmtree(partial, ignore_errors=True)
            partial.mkdir(parents=True)
            build(partial)
            (partial / ".complete").write_text(version)
            shutil.rmtree(final, ignore_errors=True)
            partial.rename(final)
    return final


def _archive():
    """Return the address of the Debian archive in the machine's own apt configuration."""
    if not shutil.which("apt-get"):
        raise NotHere("Test servers are taken from Debian's archive, and this machine has no apt-get.")
    listing = run(
        ["apt-get", "indextargets", "--format", "$(REPO_URI)|$(RELEASE)|$(COMPONENT)"], "Reading the apt configuration"
    )
    for line in listing.splitlines():
        address, release, component = line.split("|")
        if release in DEBIAN_RELEASES and component == "main":
            return address
    raise NotHere("Test servers are taken from Debian's archive, and none is in this machine's apt configuration.")


class Apt:
    """An apt of our own: its state, lists and downloads lie under ``home`` and survive an interrupted run."""

    def __init__(self, home):
        self.home = home
        self.downloads = home / "downloads"
        for folder in (home / "lists/partial", home / "cache/archives/partial", self.downloads):
            folder.mkdir(parents=True, exist_ok=True)
        # An empty machine: so all that a program needs is listed, not only what this machine lacks.
        (home / "status").write_text("")
        signed = next((f"[signed-by={path}] " for path in KEYRINGS if os.path.exists(path)), "")
        (home / "sources.list").write_text(f"deb {signed}{_archive()} {RELEASE} main\n")

    def _apt(self, command, *arguments, **options):
        settings = {
            "Dir::Etc::sourcelist": self.home / "sources.list",
            "Dir::Etc::sourceparts": "/dev/null",
            "Dir::Etc::preferences": "/dev/null",
            "Dir::Etc::preferencesparts": "/dev/null",
            "Dir::State::lists": self.home / "lists",
            "Dir::State::status": self.home / "status",
            "Dir::Cache": self.home / "cache",
            "APT::Sandbox::User": "root",
            "APT::Get::List-Cleanup": "false",
            "Acquire::Languages": "none",
            "Acquire::Retries": "3",
            "Debug::NoLocking": "true",
        }
        flags = [f"-o{key}={value}" for key, value in settings.items()]
        return run(["apt-get", *flags, command, *arguments], f"apt-get {command}", **options)

    def unpack(self, target, names, alone=()):
        """Unpack packages into ``target``: ``names`` with all they depend on, ``alone`` without."""
        try:
            self._apt("update")
        except ServerError:
            if not any(self.home.glob("lists/*_Packages*")):
                raise
        plan = self._apt("install", "--simulate", "--no-install-recommends", *names)
        packages = {line.split()[1] for line in plan.splitlines() if line.startswith("Inst ")} - UNNEEDED
        self._apt("download", *sorted(packages), *alone, cwd=self.downloads)
        files = {path.name.partition("_")[0]: path for path in sorted(self.downloads.glob("*.deb"))}
        for package in sorted(packages.union(alone)):
            run(["dpkg-deb", "--extract", files[package], target], f"Unpacking {package}")


def unpack(target, names, alone=()):
    """Unpack Debian packages into ``target``, see :meth:`Apt.unpack`."""
    target.mkdir(parents=True, exist_ok=True)
    with locked(runtime() / "apt.lock"):
        Apt(runtime() / "apt").unpack(target, names, alone)


def program(tree, path):
    """Return the command that starts a program of an unpacked tree with that tree's own libraries."""
    loaders = sorted(tree.glob("usr/lib/*/ld-linux*.so.*"))
    if not loaders:
        raise ServerError(f"The C library is missing in {tree}: remove that folder and try again.")
    return [str(loaders[0]), "--library-path", str(loaders[0].parent), str(tree / path)]
