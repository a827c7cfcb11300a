from datetime import UTC, datetime
from unittest import SkipTest

from odoo.addons.community_manager.connectors.items import Outgoing, Target
from odoo.addons.community_manager.tests.common import CommunityCase


class LocalCase(CommunityCase):
    """A channel of this very Odoo, in a database that has the module it reads."""

    network = ""
    needs = ""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        if cls.needs not in cls.env:
            raise SkipTest(f"the module with {cls.needs} is not installed in this database")
        cls.visitor = cls.env["res.partner"].create({"name": "Ana Visitor", "email": "ana@visitor.example"})
        cls.set_up_place()
        cls.channel = cls.make_channel("Own site", network=cls.network, access={"answerer": str(cls.manager.id)})

    @classmethod
    def set_up_place(cls):
        """Make what the channel reads."""

    def outgoing(self, ref, text="Thank you, this is fixed.", key="a" * 32):
        """Return something to be said to a thing."""
        return Outgoing(key, text, target=Target(ref, kind="comment"), first_tried_at=datetime.now(UTC))

    def read(self):
        """Listen once and return the mentions, oldest first."""
        self.env.flush_all()
        self.assertEqual(self.listen(self.channel), (1, 0), self.channel.last_error)
        self.assertFalse(self.channel.last_error)
        return self.mentions(self.channel)

    def by_ref(self, mentions):
        """Return ``{external id: mention}``."""
        return {mention.external_id: mention for mention in mentions}
