"""Test databases: built once, then copied.

Layers, each a copy of the one before it: Odoo's own addons; this addon; on it, OCA's help desk and the bridge, and
apart from those the optional modules. Each is named after what it was built from, so that two runs on different files
do not disturb each other.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass, field

from . import packages, tree
from .odoo import Odoo, addon_inputs, dependencies
from .postgres import Connection
from .settings import ADDON, BRIDGE, Settings
from .steps import fingerprint

PREFIX = "cm_template"
RUN_PREFIX = "cm_run"
#: Older templates of a kind are dropped beyond this number.
KEPT = 3
#: Modules that the addon works with where they are installed, and that it does not depend on.
OPTIONAL = (
    "website_blog",
    "website_forum",
    "mail_gateway",
    "hr_recruitment",
    "loyalty",
    "survey",
    "gamification",
    "point_of_sale",
)


@dataclass
class Templates:
    """The templates of one run and the copies made of them."""

    settings: Settings
    connection: Connection
    copies: list[str] = field(default_factory=list)

    @property
    def odoo(self) -> Odoo:
        """Configuration of the tests; OCA's addons are on the path and installed only where wanted."""
        return Odoo(self.settings, self.connection, "test", extra_addons=(packages.ensure_oca(self.settings),))

    def _name(self, kind: str, *inputs) -> tuple[str, str]:
        text = fingerprint(kind, tree.locate(self.settings).fingerprint, *inputs)
        return f"{PREFIX}_{kind}_{text[:10]}", text

    def base(self) -> str:
        """Odoo's own addons that this one depends on."""
        needs = dependencies(self.settings, ADDON)
        name, inputs = self._name("base", needs)
        odoo = self.odoo
        what = "Installing Odoo's own addons in the test template"
        if odoo.build(name, inputs, lambda: odoo.run(name, "-i", ",".join(needs), what=what)):
            self._prune("base")
        return name

    def addon(self) -> str:
        """The addon, without demo data."""
        inputs = addon_inputs(self.settings, (ADDON,), database_only=True)
        name, text = self._name("addon", dependencies(self.settings, ADDON), inputs)
        odoo = self.odoo

        def fill() -> None:
            odoo.run(name, "-i", ADDON, what="Installing the addon in the test template")
            odoo.require_installed(name, [ADDON])

        if odoo.mark(name) != self._done(text):
            odoo.build(name, text, fill, template=self.base())
            self._prune("addon")
        return name

    def bridge(self) -> str:
        """The addon, OCA's help desk and the bridge between them."""
        inputs = addon_inputs(self.settings, (ADDON, BRIDGE), database_only=True)
        name, text = self._name("bridge", inputs, packages.HELPDESK)
        odoo = self.odoo

        def fill() -> None:
            odoo.run(name, "-i", f"helpdesk_mgmt,{BRIDGE}", what="Installing the bridge in the test template")
            odoo.require_installed(name, ["helpdesk_mgmt", BRIDGE])

        if odoo.mark(name) != self._done(text):
            odoo.build(name, text, fill, template=self.addon())
            self._prune("bridge")
        return name

    def optional(self) -> str:
        """The addon, and the modules that it works with where they are installed."""
        inputs = addon_inputs(self.settings, (ADDON,), database_only=True)
        name, text = self._name("optional", dependencies(self.settings, ADDON), inputs, OPTIONAL, packages.GATEWAY)
        odoo = self.odoo

        def fill() -> None:
            odoo.run(name, "-i", ",".join(OPTIONAL), what="Installing optional modules in the test template")
            odoo.require_installed(name, list(OPTIONAL))

        if odoo.mark(name) != self._done(text):
            odoo.build(name, text, fill, template=self.addon())
            self._prune("optional")
        return name

    @staticmethod
    def _done(inputs: str) -> str:
        from .odoo import MARK

        return f"{MARK}{inputs}"

    def copy(self, template: str, purpose: str) -> str:
        """A database of this run, copied from a template."""
        name = f"{RUN_PREFIX}_{os.getpid()}_{purpose}"
        self.odoo.create(name, template)
        self.copies.append(name)
        return name

    def drop_copies(self) -> None:
        """Drop this run's databases."""
        while self.copies:
            self.odoo.drop(self.copies.pop())

    def drop_left_over(self) -> None:
        """Drop databases of runs that were killed."""
        rows = self.connection.execute("SELECT datname FROM pg_database WHERE datname ~ %s", f"^{RUN_PREFIX}_[0-9]+_")
        for (name,) in rows:
            pid = int(re.findall(r"\d+", name)[0])
            try:
                os.kill(pid, 0)
            except ProcessLookupError:
                if self.connection.embedded:
                    self.odoo.drop(name)
            except PermissionError:
                pass

    def _prune(self, kind: str) -> None:
        rows = self.connection.execute(
            "SELECT datname FROM pg_database WHERE datname ~ %s ORDER BY oid DESC", f"^{PREFIX}_{kind}_[0-9a-f]+$"
        )
        for (name,) in rows[KEPT:]:
            self.odoo.drop(name)
