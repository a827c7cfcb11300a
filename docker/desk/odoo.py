"""Odoo's configuration files, commands and databases.

A database says in its own comment from what it was built, so that a killed run is seen and nothing foreign is dropped.
"""

from __future__ import annotations

import ast
import os
import shutil
from dataclasses import dataclass
from pathlib import Path

from . import tree
from .postgres import Connection
from .settings import ADDON, BRIDGE, Settings
from .steps import Failure, fingerprint, folder_fingerprint, run, write_atomic

MARK = "community desk: "
BUILDING = f"{MARK}building"
#: Folders whose files never change what is in a database.
NOT_IN_DATABASE = ("tests", "static", "i18n", "analysis")


@dataclass(frozen=True)
class Odoo:
    """One configuration of Odoo: which addons, which server, where its files go."""

    settings: Settings
    connection: Connection
    name: str
    extra_addons: tuple[Path, ...] = ()
    options: tuple[tuple[str, str], ...] = ()

    @property
    def conf(self) -> Path:
        """The configuration file."""
        return self.settings.runtime / f"{self.name}.conf"

    @property
    def data(self) -> Path:
        """Folder of filestores and sessions."""
        return self.settings.runtime / f"{self.name}-data"

    @property
    def addons_path(self) -> str:
        """Comma-separated addon folders, this checkout last."""
        paths = [*tree.locate(self.settings).addons_paths, *self.extra_addons, self.settings.root]
        return ",".join(str(path) for path in paths)

    def write_conf(self) -> Path:
        """Write the configuration file, readable by its owner only."""
        connection = self.connection
        values = {
            "addons_path": self.addons_path,
            "data_dir": str(self.data),
            "db_host": connection.host,
            **({"db_port": connection.port} if connection.port else {}),
            "db_user": connection.user,
            **({"db_password": connection.password} if connection.password else {}),
            "http_interface": "127.0.0.1",
            "list_db": "False",
            "admin_passwd": fingerprint(os.urandom(16).hex()),
            "workers": "0",
            "without_demo": "True",
            **dict(self.options),
        }
        lines = "".join(f"{name} = {value}\n" for name, value in values.items())
        write_atomic(self.conf, f"[options]\n{lines}", mode=0o600)
        return self.conf

    @property
    def environ(self) -> dict[str, str]:
        """Environment in which Odoo can be imported and finds its server."""
        env = {name: value for name, value in os.environ.items() if not name.startswith("PG")}
        env |= self.connection.environ
        env["PYTHONPATH"] = str(tree.locate(self.settings).package)
        env["PYTHONNOUSERSITE"] = "1"
        return env

    def command(self, verb: str, *words: str) -> list[str]:
        """Command line of an Odoo command."""
        return [str(self.settings.python), "-m", "odoo", verb, "--config", str(self.conf), *words]

    def run(self, database: str, *words: str, what: str, advice: str = "") -> None:
        """Run Odoo once on a database, for example to install addons."""
        self.write_conf()
        log = self.settings.logs / f"{self.name}-install.log"
        log.parent.mkdir(parents=True, exist_ok=True)
        log.unlink(missing_ok=True)
        command = self.command(
            "server", "-d", database, *words, "--stop-after-init", "--no-http", "--max-cron-threads=0"
        )
        advice = advice or f"The whole log is {log}. After a fix run the command again."
        run(command, what=what, log=log, env=self.environ, cwd=self.settings.root, advice=advice)

    def require_installed(self, database: str, names: list[str]) -> None:
        """Fail unless the addons are installed (Odoo skips an addon it cannot load, and ends well)."""
        rows = self.connection.execute(
            "SELECT name FROM ir_module_module WHERE state = 'installed' AND name = ANY(%s)", names, database=database
        )
        missing = sorted(set(names) - {row[0] for row in rows})
        if missing:
            log = self.settings.logs / f"{self.name}-install.log"
            raise Failure(f"Not installed: {', '.join(missing)}.", f"The reason is in {log}.")

    # -- databases ---------------------------------------------------------------------------------------------

    def mark(self, database: str) -> str | None:
        """What the database says it was built from; None when it does not exist, '' when it says nothing."""
        rows = self.connection.execute(
            "SELECT coalesce(shobj_description(oid, 'pg_database'), '') FROM pg_database WHERE datname = %s", database
        )
        return rows[0][0] if rows else None

    def set_mark(self, database: str, text: str) -> None:
        """Write down what the database was built from."""
        quoted = text.replace("'", "''")
        self.connection.execute(f"COMMENT ON DATABASE \"{database}\" IS '{quoted}'")

    def drop(self, database: str) -> None:
        """Drop a database of ours and its filestore; refuse one that somebody else made."""
        mark = self.mark(database)
        if mark is not None:
            if not mark.startswith(MARK) and not self.connection.embedded:
                raise Failure(
                    f"The database {database} exists and was not made by this command.",
                    "Rename or drop it yourself, or name another PostgreSQL in PGHOST.",
                )
            self.connection.execute(f'DROP DATABASE IF EXISTS "{database}" WITH (FORCE)')
        shutil.rmtree(self.data / "filestore" / database, ignore_errors=True)

    def create(self, database: str, template: str | None = None) -> None:
        """Create a database, empty or as a copy, and mark it unfinished."""
        self.drop(database)
        if template:
            self.connection.execute(f'CREATE DATABASE "{database}" TEMPLATE "{template}"')
            self.set_mark(database, BUILDING)
            copy_filestore(self.data, template, database)
            self._extend(database)
            return
        self.connection.execute(f"CREATE DATABASE \"{database}\" ENCODING 'UTF8' LC_COLLATE 'C' TEMPLATE template0")
        self.set_mark(database, BUILDING)
        self._extend(database)

    def _extend(self, database: str) -> None:
        """Give a database the extensions of PostgreSQL that Odoo makes use of."""
        for extension in ("pg_trgm", "unaccent"):
            self.connection.execute(f"CREATE EXTENSION IF NOT EXISTS {extension}", database=database)
        # as Odoo does for the databases it makes: some of its modules build indexes over it
        self.connection.execute("ALTER FUNCTION unaccent(text) IMMUTABLE", database=database)

    def build(self, database: str, inputs: str, fill, template: str | None = None) -> bool:
        """Have a database built from these inputs; returns whether it was built now."""
        wanted = f"{MARK}{inputs}"
        if self.mark(database) == wanted:
            return False
        self.create(database, template)
        fill()
        self.set_mark(database, wanted)
        return True


def copy_filestore(data: Path, source: str, target: str) -> None:
    """Copy a filestore by hard links: its files are named by their content and never written again."""
    origin = data / "filestore" / source
    goal = data / "filestore" / target
    shutil.rmtree(goal, ignore_errors=True)
    if origin.exists():
        shutil.copytree(origin, goal, copy_function=os.link)


def addon_inputs(settings: Settings, names=(ADDON, BRIDGE), *, database_only: bool = False) -> str:
    """Hash of the addons' files: all that matter to a running server, or only those that end up in a database."""
    skip = NOT_IN_DATABASE if database_only else ("tests",)
    folders = [settings.root / name for name in names if (settings.root / name / "__manifest__.py").exists()]
    return fingerprint([[folder.name, folder_fingerprint(folder, skip)] for folder in folders])


def dependencies(settings: Settings, name: str) -> list[str]:
    """Addons that an addon of this checkout says it depends on."""
    text = (settings.root / name / "__manifest__.py").read_text(encoding="utf-8")
    return list(ast.literal_eval(text)["depends"])
