from datetime import UTC, datetime, timedelta

from freezegun import freeze_time

from odoo.addons.community_manager.connectors.items import AuthorItem

from .routing_common import RoutingCase

NOW = datetime(2026, 6, 1, 12)


class InfluenceCase(RoutingCase):
    """People who talk with each other on one network, at a fixed time."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        time = freeze_time(NOW)
        time.start()
        cls.addClassCleanup(time.stop)
        cls.company.community_tie_half_life = 90

    def tell(self, author, text="Acme is there", days=1, **values):
        """Let somebody say something some days ago; return the mention."""
        if isinstance(author, str):
            author = AuthorItem(author, author.title(), f"@{author}")
        moment = (NOW - timedelta(days=days)).replace(tzinfo=UTC)
        return self.say(text, author=author, published_at=moment, **values)

    def answer(self, author, mention, text="Yes", **values):
        """Let somebody answer a mention; return the answer."""
        return self.tell(author, text, parent_id=mention.external_id, **values)

    def refresh(self):
        """Do what the scheduled action does."""
        self.env["community.influence.refresh"]._refresh_now(self.company)
        self.env.invalidate_all()

    def author(self, name):
        """Return the profile of somebody."""
        return self.env["community.author"].search([("external_id", "=", name), ("company_id", "=", self.company.id)])

    def ties(self, **values):
        """Return who does what to whom as sorted ``(source, kind, target)``."""
        ties = self.env["community.tie"].search(
            [("company_id", "=", self.company.id), *((name, "=", value) for name, value in values.items())]
        )
        return sorted((tie.source_id.external_id, tie.kind, tie.target_id.external_id) for tie in ties)

    def figures(self, name):
        """Return the influence of somebody."""
        return self.author(name).influence_ids

    def know(self, *names):
        """Make people contacts of ours."""
        for name in names:
            self.author(name).partner_id = self.env["res.partner"].create({"name": name.title()})
