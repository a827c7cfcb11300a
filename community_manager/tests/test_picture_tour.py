from datetime import UTC, datetime, timedelta

from odoo.tests import tagged

from odoo.addons.community_manager.connectors.items import AuthorItem

from .common import item
from .http_common import CommunityHttpCase


@tagged("post_install", "-at_install")
class TestPictureTour(CommunityHttpCase):
    """The picture, the person and the list of who is heard, in the browser."""

    def test_a_manager_looks_at_the_picture(self):
        channel = self.env["community.channel"].create({"name": "Talk", "network": "toy", "state": "paused"})
        now = datetime.now(UTC)
        number = 0

        def say(name, parent=""):
            nonlocal number
            number += 1
            author = AuthorItem(name, name.title(), f"@{name}", followers=100 * len(name))
            values = {"origin": "own", "parent_id": parent, "author": author}
            self.ingest(channel, item(f"t{number}", "acme", **values, published_at=now - timedelta(days=3)))
            return f"t{number}"

        marta, leo = say("marta"), say("leo")
        for name in ("ann", "bob", "cem"):
            say(name, marta)
            say(name, marta)
        said = [say(name, leo) for name in ("eve", "fay", "gil")]
        say("fay", said[0])
        say("gil", said[0])
        for one in said[:2]:
            say("marta", one)
        for name in ("ann", "bob", "eve"):
            author = self.env["community.author"].search([("external_id", "=", name), ("network", "=", "toy")])
            author.partner_id = self.env["res.partner"].create({"name": name.title()})
        self.start_tour("/odoo", "community_picture", login=self.manager.login)
