import json
from datetime import UTC, datetime
from unittest.mock import patch

from odoo import fields
from odoo.exceptions import AccessError
from odoo.tests import tagged
from odoo.tools import mute_logger

from odoo.addons.community_manager.connectors.items import Attachment, Reject
from odoo.addons.community_manager.models.listening.community_quarantine import LONGEST_PAYLOAD

from .common import CommunityCase, item

INGEST = "odoo.addons.community_manager.models.listening.community_ingest"
SURROGATE = "\ud83d"


@tagged("post_install", "-at_install")
class TestQuarantine(CommunityCase):
    """What cannot be stored waits, whole, until what stood in its way is mended."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.channel = cls.make_channel("One")

    def ingest(self, *items, **values):
        """Store items; what the log says of bad ones is expected."""
        with mute_logger(INGEST):
            return super().ingest(self.channel, *items, **values)

    def kept(self):
        """Return what is in quarantine, oldest first."""
        return self.env["community.quarantine"].search([("channel_id", "=", self.channel.id)], order="id")

    def broken(self, *bad):
        """Patch the desk so that items with these identifiers cannot be stored: a defect that is mended later."""
        ingest = self.registry["community.ingest"]
        original = ingest._mention_values

        def values(this, channel, key, *rest):
            if key[1] in bad:
                raise KeyError("a defect \x00 " + SURROGATE)
            return original(this, channel, key, *rest)

        return patch.object(ingest, "_mention_values", values)

    def test_the_rest_goes_on(self):
        """Wherever bad items stand in a page, exactly these are put aside."""
        bad = {"0", "7", "8", "99"}
        with self.broken(*bad):
            counts = self.ingest(*(item(str(number)) for number in range(100)))
        self.assertEqual((counts["stored"], counts["quarantined"]), (96, 4))
        self.assertEqual(set(self.kept().mapped("external_id")), bad)
        self.assertFalse(bad & set(self.mentions(self.channel).mapped("external_id")))

    def test_retry_after_a_fix(self):
        """Once the defect is mended the item is stored as it came."""
        whole = item(
            "1",
            text="Acme ünïcödé 🎉",
            title="Title",
            parent_id="0",
            published_at=datetime(2026, 1, 5, 10, tzinfo=UTC),
            edited_at=datetime(2026, 1, 6, 10, tzinfo=UTC),
            attachments=(Attachment("image", "https://toy.example/a.png", "A picture"),),
            hashtags=("acme",),
            identifiers={"uri": "tag:1"},
            likes=3,
            rating=4.5,
            language="de",
        )
        with self.broken("1"):
            self.ingest(whole)
            kept = self.kept()
            kept.with_user(self.admin).action_retry()
            self.assertEqual((kept.state, kept.attempts), ("waiting", 2))
            self.assertIn("a defect", kept.error)
        message = kept.with_user(self.admin).action_retry()["params"]["message"]
        self.assertEqual(message, "1 stored, 0 still waiting.")
        self.assertEqual(kept.state, "stored")
        mention = self.mentions(self.channel)
        self.assertEqual((mention.text, mention.title), (whole.text, "Title"))
        self.assertEqual(mention.published_at, datetime(2026, 1, 5, 10))
        self.assertEqual(mention.edited_at, datetime(2026, 1, 6, 10))
        self.assertEqual(mention.attachments[0]["url"], "https://toy.example/a.png")
        self.assertEqual((mention.identifiers, mention.likes, mention.rating), ({"uri": "tag:1"}, 3, 4.5))
        self.assertEqual(mention.author_id.handle, "@ann")
        self.assertEqual(mention.topic_ids, self.topic)

    def test_characters_no_column_can_hold(self):
        """NUL and half characters are kept readable here, and left out when the item is tried again."""
        self.ingest(item("1", text=f"Acme \x00 and {SURROGATE} more"), item(f"2\x00{SURROGATE}", text="Acme"))
        first, second = self.kept()
        self.assertIn("\\u0000", first.payload)
        self.assertIn("\\ud83d", first.payload)
        self.assertTrue(first.payload.isascii() and second.external_id.isascii())
        self.kept().action_retry()
        self.assertEqual(self.mentions(self.channel).mapped("text"), ["Acme  and  more", "Acme"])

    def test_the_same_bad_item_again(self):
        """A bad item that every run reads again is listed once."""
        with self.broken("1"):
            for _run in range(3):
                self.ingest(item("1"))
        self.assertEqual(len(self.kept()), 1)

    def test_stored_meanwhile(self):
        """What was read again after the fix is not stored twice by a retry."""
        with self.broken("1"):
            self.ingest(item("1"))
        self.ingest(item("1"))
        self.kept().action_retry()
        self.assertEqual(len(self.mentions(self.channel)), 1)
        self.assertEqual(self.kept().state, "stored")

    def test_unreadable(self):
        """What the connector itself could not read is shown as it came, and a retry does not pretend."""
        self.ingest(rejects=[Reject({"id": 1, "raw": b"\xff", "when": datetime(2026, 1, 1)}, "No text.", "1")])
        kept = self.kept()
        self.assertEqual(json.loads(kept.payload)["id"], 1)
        self.assertFalse(kept.readable)
        message = kept.action_retry()["params"]["message"]
        self.assertEqual(message, "0 stored, 1 still waiting.")

    def test_bounded(self):
        """However large an item is, what is kept of it is bounded."""
        with self.broken("1"):
            self.ingest(item("1", text="Acme " * LONGEST_PAYLOAD))
        kept = self.kept()
        self.assertEqual(len(kept.payload), LONGEST_PAYLOAD)
        self.assertFalse(kept.readable, "half an item cannot be stored")

    def test_drop(self):
        """What is given up loses its content and is forgotten after a month; what waits is never forgotten."""
        with self.broken("1", "2"):
            self.ingest(item("1"), item("2"))
        first, second = self.kept()
        first.with_user(self.admin).action_drop()
        self.assertEqual((first.state, first.payload), ("dropped", False))
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE community_quarantine SET write_date = %s",
            [fields.Datetime.subtract(fields.Datetime.now(), days=40)],
        )
        self.env.invalidate_all()
        self.env["community.quarantine"]._gc_quarantine()
        self.assertEqual(self.kept(), second)

    def test_who_may(self):
        """Agents do not see it, managers look, administrators decide."""
        with self.broken("1"):
            self.ingest(item("1"))
        kept = self.kept()
        with self.assertRaises(AccessError):
            kept.with_user(self.agent).read(["payload"])
        self.assertTrue(kept.with_user(self.manager).payload)
        for user in (self.agent, self.manager):
            for action in ("action_retry", "action_drop"):
                with self.assertRaises(AccessError):
                    getattr(kept.with_user(user), action)()
        self.assertEqual(kept.state, "waiting")
