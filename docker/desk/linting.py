"""`make lint` and `make format`: pinned tools from the package registries, in folders of their own."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from . import conventions, packages
from .settings import Settings
from .steps import Stamp, fingerprint, new_folder, only_one, output, run, say

#: Odoo's conventions that do not fit, each with its reason.
PYLINT_DISABLED = (
    "manifest-required-author",  # not an addon of the OCA
    "missing-readme",  # the README is that of the checkout
    "consider-merging-classes-inherited",  # one concern per file, several files per model
    "invalid-commit",  # the listener commits on cursors of its own, page by page
    "no-search-all",  # some tables are small by nature: networks, languages
    "except-pass",  # an ignored error carries a comment
    "prefer-env-translation",  # labels of plain tables are marked by an identity `_` and translated where shown
    "manifest-superfluous-key",  # empty lists show where data would go
)
#: In connectors and analysis, which know no Odoo.
PYLINT_DISABLED_BELOW = (
    "missing-return",
    "method-required-super",
    "translation-required",
    "print-used",
)
HOOKS_DISABLED = (
    "weblate-component-too-long",  # not translated on the OCA's server
    "prefer-readme-rst",  # Markdown
    "po-pretty-format",  # `make i18n` writes them as Odoo does
    "xml-tag-position",  # order of attributes is free
)
SHIPPED = ("static/lib/",)
PRETTIER = (".xml", ".js", ".scss", ".css", ".mjs")


@dataclass
class Tools:
    """Where the tools are."""

    settings: Settings

    @property
    def venv(self) -> Path:
        """Python tools, apart from Odoo's environment because their needs differ."""
        return self.settings.runtime / "lint"

    @property
    def node(self) -> Path:
        """Folder with node_modules."""
        return self.settings.runtime / "lint-node"

    @property
    def configuration(self) -> Path:
        """The tools' settings."""
        return self.settings.docker / "lint"

    def ensure(self) -> None:
        """Install them."""
        with only_one(self.settings.runtime / ".lock", "installing"):
            packages.ensure_venv(self.settings, self.venv, ("lint",))
            npm = packages.ensure_node(self.settings)
            files = [self.configuration / name for name in ("package.json", "package-lock.json", "eslint.config.mjs")]
            inputs = fingerprint(*files)
            if Stamp(self.node / "ready.json").current(inputs):
                return
            with new_folder(self.node) as new:
                for file in files:
                    shutil.copyfile(file, new / file.name)
                run(
                    [*npm, "ci", "--silent", "--ignore-scripts"],
                    what="Installing the linters of XML and JavaScript",
                    log=self.settings.logs / "npm.log",
                    cwd=new,
                    env=packages.node_environment(self.settings),
                    advice=packages.NETWORK,
                )
                Stamp(new / "ready.json").write(inputs)

    def python(self, name: str) -> str:
        """A program of the virtual environment."""
        return str(self.venv / "bin" / name)

    def script(self, name: str) -> list[str]:
        """A program of node_modules; its own Node.js when the machine's is too old."""
        node = shutil.which("node", path=packages.node_environment(self.settings)["PATH"]) or "node"
        if packages.ensure_node(self.settings) != ["npm"]:
            node = packages.ensure_node(self.settings)[0]
        entry = {"prettier": "prettier/bin/prettier.cjs", "eslint": "eslint/bin/eslint.js"}[name]
        return [node, str(self.node / "node_modules" / entry)]


def files(settings: Settings, endings: tuple[str, ...], below: tuple[str, ...] = ()) -> list[str]:
    """Files of the checkout that git knows or would add, by ending, relative to its root."""
    listed = output(["git", "-C", settings.root, "ls-files", "-z", "--cached", "--others", "--exclude-standard"])
    if listed:
        names = listed.split("\0")
    else:  # an archive without git
        names = [str(path.relative_to(settings.root)) for path in settings.root.rglob("*") if path.is_file()]
        names = [name for name in names if not name.startswith((".runtime", ".git")) and "__pycache__" not in name]
    return sorted(
        {
            name
            for name in names
            if name.endswith(endings)
            and (not below or name.startswith(below))
            and not any(part in name for part in SHIPPED)
            and (settings.root / name).is_file()
        }
    )


def commands(tools: Tools, *, fix: bool) -> list[tuple[str, list[str]]]:
    """The checks, or the repairs, in order: title and command."""
    settings, conf = tools.settings, tools.configuration
    addons = settings.addons
    below = tuple(f"{name}/" for name in addons)
    formatted = files(settings, PRETTIER, (*below, "docker/lint/"))
    scripts = files(settings, (".js",), below)
    catalogues = files(settings, (".po", ".pot"), below)
    plugin = tools.node / "node_modules/@prettier/plugin-xml/src/plugin.js"
    prettier = [*tools.script("prettier"), "--config", str(conf / "prettier.json"), "--plugin", str(plugin)]
    eslint = [*tools.script("eslint"), "--no-warn-ignored", "--config", str(tools.node / "eslint.config.mjs")]
    hooks = [f"--disable={','.join(HOOKS_DISABLED)}"]
    ruff = tools.python("ruff")
    cache = f"--cache-dir={settings.runtime / 'ruff-cache'}"
    if fix:
        found = [
            ("ruff", [ruff, "check", cache, "--fix", "--quiet", "."]),
            ("ruff format", [ruff, "format", cache, "--quiet", "."]),
            ("OCA's hooks", [tools.python("oca-checks-odoo-module"), "--fix", "--no-exit", *hooks, *addons]),
        ]
        if formatted:
            found.append(("prettier", [*prettier, "--write", "--log-level=warn", *formatted]))
        if scripts:
            found.append(("eslint", [*eslint, "--fix", *scripts]))
        return found
    pylint = [tools.python("pylint"), f"--rcfile={os.devnull}", "--load-plugins=pylint_odoo", "--score=n", "--jobs=2"]
    pylint += ["--disable=all", "--enable=odoolint", "--valid-odoo-versions=19.0"]
    floors = [f"{name}/{part}" for name in addons for part in ("connectors", "analysis")]
    floors = [name for name in floors if (settings.root / name).is_dir()]
    below_disabled = ",".join((*PYLINT_DISABLED, *PYLINT_DISABLED_BELOW))
    found = [
        ("ruff", [ruff, "check", cache, "--quiet", "--output-format=concise", "."]),
        ("ruff format", [ruff, "format", cache, "--check", "--output-format=concise", "."]),
        (
            "pylint-odoo",
            [*pylint, f"--disable={','.join(PYLINT_DISABLED)}", "--ignore=connectors,analysis,tests", *addons],
        ),
        ("pylint-odoo, without Odoo", [*pylint, f"--disable={below_disabled}", *floors]),
        ("OCA's hooks", [tools.python("oca-checks-odoo-module"), *hooks, *addons]),
    ]
    if catalogues:
        found.append(("OCA's hooks, translations", [tools.python("oca-checks-po"), *hooks, *catalogues]))
    if formatted:
        found.append(("prettier: XML, JavaScript, styles", [*prettier, "--check", "--log-level=warn", *formatted]))
    if scripts:
        found.append(("eslint", [*eslint, *scripts]))
    yaml = files(settings, (".yaml", ".yml"))
    compose = str(settings.docker / "compose.yaml")
    schema = ["--builtin-schema", "vendor.compose-spec", compose]
    return [
        *found,
        ("yamllint", [tools.python("yamllint"), "--strict", "-c", str(conf / "yamllint.yaml"), *yaml]),
        ("compose schema", [tools.python("check-jsonschema"), *schema]),
        (
            "hadolint",
            [tools.python("hadolint"), "--failure-threshold=warning", str(settings.docker / "Dockerfile")],
        ),
    ]


def _perform(tools: Tools, title: str, command: list[str], *, show_always: bool = False) -> bool:
    env = packages.node_environment(tools.settings) | {"NO_COLOR": "1", "PYTHONNOUSERSITE": "1"}
    env.pop("PYTHONPATH", None)
    started = time.monotonic()
    with tempfile.TemporaryFile("w+") as out:
        code = subprocess.run(
            command, cwd=tools.settings.root, env=env, stdout=out, stderr=subprocess.STDOUT, check=False
        ).returncode
        out.seek(0)
        text = out.read().strip()
    say(f"{'ok    ' if not code else 'FAILED'} {title} ({time.monotonic() - started:.1f} s)")
    if text and (code or show_always):
        say("\n".join(f"    {line}" for line in text.splitlines()))
    return not code


def check(settings: Settings) -> tuple[int, int]:
    """Run every check; returns how many passed and failed."""
    tools = Tools(settings)
    tools.ensure()
    results = [_perform(tools, title, command) for title, command in commands(tools, fix=False)]
    for title, problems in conventions.check(settings, files(settings, (".py", ".xml", ".js", ".scss", ".sh"))):
        say(f"{'FAILED' if problems else 'ok    '} {title}")
        for problem in problems:
            say(f"    {problem}")
        results.append(not problems)
    if not all(results):
        say("\n`make format` repairs formatting, order of imports and XML headers.")
    return sum(results), len(results) - sum(results)


def command(settings: Settings, *, fix: bool) -> int:
    """`make lint` or `make format`."""
    if not fix:
        passed, failed = check(settings)
        say(f"\n{passed} passed, {failed} failed")
        return 1 if failed else 0
    tools = Tools(settings)
    tools.ensure()
    for title, words in commands(tools, fix=True):
        _perform(tools, title, words)
    say("\nWhat is left is for you: `make lint` shows it.")
    return 0
