"""What the person running ``make`` may choose, and where everything lies."""

from __future__ import annotations

import os
import shlex
from dataclasses import dataclass, field
from pathlib import Path

from .steps import Failure

ADDON = "community_manager"
BRIDGE = "community_manager_helpdesk_mgmt"
DEFAULT_PORT = 8069

#: Every variable, with the sentence that ``make help`` shows.
VARIABLES = {
    "PORT": f"port of the demo (default: the first free one from {DEFAULT_PORT})",
    "HOST": "address the demo listens on (default 127.0.0.1; 0.0.0.0 opens it to the network)",
    "RUNTIME": "folder for everything that is installed (default .runtime in the checkout)",
    "ODOO_TREE": "an Odoo 19 you already have: source checkout, unpacked package or dist-packages folder",
    "ODOO_PYTHON": "Python that already has Odoo's packages; nothing is installed into it",
    "PGHOST": "an existing PostgreSQL 13 or newer is used (host or socket folder), with PGPORT, PGUSER, PGPASSWORD",
    "CHROMIUM": "browser for the tours (default: chromium or google-chrome on the path)",
}


@dataclass(frozen=True)
class Settings:
    """The variables of one run, read once."""

    root: Path
    runtime: Path
    odoo_tree: Path | None = None
    odoo_python: Path | None = None
    port: int | None = None
    host: str = "127.0.0.1"
    pg_host: str = ""
    pg_port: str = ""
    pg_user: str = ""
    pg_password: str = ""
    chromium: str = ""
    arguments: tuple[str, ...] = field(default_factory=tuple)

    @classmethod
    def read(cls, environ=os.environ, words=()) -> Settings:
        """Settings from the environment; relative paths count from the checkout."""
        root = Path(__file__).resolve().parents[2]

        def path(name: str) -> Path | None:
            value = environ.get(name, "").strip()
            # absolute(), not resolve(): the python of a virtual environment is a link that must be kept.
            return Path(os.path.normpath(root / Path(value).expanduser())) if value else None

        port = environ.get("PORT", "").strip()
        if port and not (port.isdigit() and 0 < int(port) < 65536):
            raise Failure(
                f"PORT={port} is not a port number.", "Set PORT to a number from 1 to 65535, or leave it out."
            )
        return cls(
            root=root,
            runtime=path("RUNTIME") or root / ".runtime",
            odoo_tree=path("ODOO_TREE"),
            odoo_python=path("ODOO_PYTHON"),
            port=int(port) if port else None,
            host=environ.get("HOST", "").strip() or "127.0.0.1",
            pg_host=environ.get("PGHOST", "").strip(),
            pg_port=environ.get("PGPORT", "").strip(),
            pg_user=environ.get("PGUSER", "").strip(),
            pg_password=environ.get("PGPASSWORD", ""),
            chromium=environ.get("CHROMIUM", "").strip(),
            arguments=(*words, *shlex.split(environ.get("ARGS", ""))),
        )

    @property
    def docker(self) -> Path:
        """Folder of the installer's own files."""
        return self.root / "docker"

    @property
    def logs(self) -> Path:
        """Folder of the logs of every step."""
        return self.runtime / "log"

    @property
    def venv(self) -> Path:
        """Folder of the virtual environment that runs Odoo and the tests."""
        return self.runtime / "venv"

    @property
    def python(self) -> Path:
        """The Python that runs Odoo: the one named, else the virtual environment's."""
        return self.odoo_python or self.venv / "bin" / "python"

    @property
    def addons(self) -> list[str]:
        """The addons of this checkout that exist, the main one first."""
        return [name for name in (ADDON, BRIDGE) if (self.root / name / "__manifest__.py").exists()]
