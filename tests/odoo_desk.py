"""A real Odoo inside a test process, on a database of its own.

`make test`, `make bench` and `make stress` set what this module reads: ``ODOO_RC`` (configuration), the ``PG*``
variables, ``COMMUNITY_TEST_TEMPLATE`` (database with the addon), ``COMMUNITY_TEST_BRIDGE_TEMPLATE`` (with the help
desk bridge too; empty when there is no bridge).  Nothing here is Odoo's test mode: code commits, crons run, sockets
open.

    name = clone_database("feeds")
    with environment(name) as env:
        env["res.partner"].search_count([])
    drop_database(name)
"""

import contextlib
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import psycopg2
import pytest

ROOT = Path(__file__).parents[1]
#: Same beginning as the runner's copies: what a killed run leaves is dropped by the next one.
PREFIX = f"cm_run_{os.getpid()}"


def template(*, bridge=False):
    """Return the name of the database to copy; skips the test when there is none."""
    name = os.environ.get("COMMUNITY_TEST_BRIDGE_TEMPLATE" if bridge else "COMMUNITY_TEST_TEMPLATE")
    if not name:
        pytest.skip("needs the bridge addon" if bridge else "needs a database: run it with `make test`")
    return name


def _sql(statement, *parameters, database="postgres"):
    connection = psycopg2.connect(dbname=database)
    try:
        connection.autocommit = True
        with connection.cursor() as cursor:
            cursor.execute(statement, parameters or None)
            return cursor.fetchall() if cursor.description else []
    finally:
        connection.close()


def _config():
    import odoo.modules.registry
    import odoo.tools

    config = odoo.tools.config
    if not getattr(config, "community_ready", False):
        config.parse_config(["--config", os.environ["ODOO_RC"], "--no-http", "--log-level=warn"])
        config.community_ready = True
    return config


def _filestore(name):
    return Path(_config()["data_dir"]) / "filestore" / name


def clone_database(name, *, bridge=False):
    """Copy the template under a name of this process and return the full name."""
    source, target = template(bridge=bridge), f"{PREFIX}_{name}"
    drop_database(target)
    _sql(f'CREATE DATABASE "{target}" TEMPLATE "{source}"')
    _sql(f"COMMENT ON DATABASE \"{target}\" IS 'community desk: copy'")
    if _filestore(source).exists():
        # Files are named by their content and never written again, so links are enough.
        shutil.copytree(_filestore(source), _filestore(target), copy_function=os.link)
    return target


def drop_database(name):
    """Drop a database that :func:`clone_database` made, whatever still uses it."""
    if not name.startswith("cm_run_"):
        raise ValueError(f"{name} was not made by clone_database")
    close_registry(name)
    _sql(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
    shutil.rmtree(_filestore(name), ignore_errors=True)


def open_registry(name):
    """Return Odoo's registry of a database; loaded at the first call."""
    _config()
    from odoo.modules.registry import Registry

    return Registry(name)


def close_registry(name):
    """Forget the registry and close its connections."""
    _config()
    import odoo.sql_db
    from odoo.modules.registry import Registry

    Registry.delete(name)
    odoo.sql_db.close_db(name)


@contextlib.contextmanager
def environment(name, *, user=None, context=None):
    """Yield an environment on a cursor of its own, committed at the end, rolled back when the block raises."""
    from odoo import SUPERUSER_ID, api

    with open_registry(name).cursor() as cursor:
        yield api.Environment(cursor, user or SUPERUSER_ID, context or {})


def start_odoo_process(code, name, *arguments, environ=None, **options):
    """Start a process that runs ``code`` (text, or the Path of a script) on a database and return its Popen.

    The code finds ``env`` (superuser, committed at the end), ``registry`` and ``arguments``.  The process leads a group
    of its own: ``os.killpg(process.pid, signal.SIGKILL)`` ends it as a power cut would.
    """
    if not isinstance(code, Path):
        handle, path = tempfile.mkstemp(suffix=".py", prefix="odoo_desk_")
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(f"import os\nos.unlink({path!r})\n{code}")
        code = Path(path)
    command = [sys.executable, "-m", "tests.odoo_desk", name, str(code), *map(str, arguments)]
    options = {"stdin": subprocess.DEVNULL, "text": True, "start_new_session": True} | options
    return subprocess.Popen(command, cwd=ROOT, env={**os.environ, **(environ or {})}, **options)


def run_odoo_subprocess(code, name, *arguments, timeout=300, check=True, environ=None):
    """Run code as :func:`start_odoo_process` does, wait, and return the completed process with its output."""
    pipe = subprocess.PIPE
    with start_odoo_process(code, name, *arguments, environ=environ, stdout=pipe, stderr=pipe) as process:
        try:
            out, err = process.communicate(timeout=timeout)
        except subprocess.TimeoutExpired:
            process.kill()
            out, err = process.communicate()
            raise AssertionError(f"not done after {timeout} s:\n{err}") from None
    done = subprocess.CompletedProcess(process.args, process.returncode, out, err)
    if check and done.returncode:
        raise AssertionError(f"exit code {done.returncode}:\n{out}\n{err}")
    return done


@pytest.fixture(scope="module")
def odoo_database(request):
    """A database with the addon for the tests of one module."""
    name = clone_database(request.module.__name__.rpartition(".")[2].lower()[:30])
    yield name
    drop_database(name)


@pytest.fixture
def odoo_env(odoo_database):
    """A superuser's environment on the module's database, committed when the test ends well."""
    with environment(odoo_database) as env:
        yield env


def main():
    """Run a script on a database; used by :func:`start_odoo_process`."""
    name, script, *arguments = sys.argv[1:]
    with environment(name) as env:
        scope = {"__name__": "__odoo__", "env": env, "registry": env.registry, "arguments": arguments}
        exec(compile(Path(script).read_text(encoding="utf-8"), script, "exec"), scope)


if __name__ == "__main__":
    main()
