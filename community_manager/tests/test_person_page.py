from datetime import UTC, datetime, timedelta

from markupsafe import Markup

from odoo import fields
from odoo.exceptions import AccessError
from odoo.tests import new_test_user, tagged

from odoo.addons.community_manager.models.people.timeline import page

from .person_common import NAME, PersonCase

START = datetime(2026, 5, 4, 12, 0)


def source(code, moments):
    """Return a source of the timeline with entries at some moments, told as a database would."""
    rows = sorted(((moment, number) for number, moment in enumerate(moments)), reverse=True)

    def read(before, limit):
        found = [row for row in rows if before is None or row[0] < before]
        return [{"kind": code, "moment": moment, "number": number} for moment, number in found[:limit]]

    return code, read


@tagged("post_install", "-at_install")
class TestPersonPage(PersonCase):
    """One page says everything of a person, in one line of time."""

    def walk(self, sources, limit):
        """Return all entries page by page, as (kind, number)."""
        cursor, found = None, []
        for _page in range(1000):
            entries, cursor = page(sources, cursor, limit)
            self.assertLessEqual(len(entries), limit)
            found += entries
            if cursor is None:
                break
        moments = [entry["moment"].replace(microsecond=0) for entry in found]
        self.assertEqual(moments, sorted(moments, reverse=True))
        return [(entry["kind"], entry["number"]) for entry in found]

    def test_nothing_is_lost_or_doubled_at_the_borders_of_pages(self):
        """However many things happened in the same second, each stands in the line exactly once."""
        same = [START] * 37
        mixed = [START + timedelta(seconds=number // 5) for number in range(60)]
        parts = [START + timedelta(microseconds=number * 70_000) for number in range(40)]
        for moments in ((same, mixed), (same, same), (mixed, parts), (parts, same), (same, []), ([], [])):
            sources = [source("a", moments[0]), source("b", moments[1])]
            expected = {("a", number) for number in range(len(moments[0]))}
            expected |= {("b", number) for number in range(len(moments[1]))}
            for limit in (1, 3, 7, 30, 100):
                with self.subTest(limit=limit, sizes=[len(one) for one in moments]):
                    found = self.walk(sources, limit)
                    self.assertEqual(len(found), len(set(found)))
                    self.assertEqual(set(found), expected)

    def test_no_source_reads_more_than_a_page(self):
        """A page costs as much as it shows, however long the line is."""
        asked = []
        _code, read = source("a", [START - timedelta(minutes=number) for number in range(500)])

        def counted(before, limit):
            asked.append(limit)
            return read(before, limit)

        cursor = None
        for _page in range(5):
            _entries, cursor = page([("a", counted)], cursor, 30)
        self.assertLessEqual(max(asked), 32)

    def tell(self):
        """Give the person some of everything; return their mention."""
        moment = datetime.now(UTC) - timedelta(days=2)
        mention = self.theirs("Acme lamps are great", moment=moment)
        mention.author_id.partner_id = self.person
        self.theirs("Acme: a second word", moment=moment)
        reply = self.env["community.reply"].create({"mention_id": mention.id, "text": "Thank you!"})
        reply.sudo().write({"state": "sent", "sent_at": fields.Datetime.now()})
        mention.action_create_lead()
        mention.action_create_ticket()
        self.hand_off(mention)
        product = self.env["product.product"].create({"name": "Lamp", "list_price": 50})
        order = self.env["sale.order"].create(
            {"partner_id": self.person.id, "order_line": [(0, 0, {"product_id": product.id})]}
        )
        order.action_confirm()
        self.person.message_post(
            body=Markup("<p>Called</p><p>twice</p>"), message_type="comment", subtype_xmlid="mail.mt_note"
        )
        self.env["community.date"].create({"partner_id": self.person.id, "day": 1, "month": "6", "year": 1980})
        return mention

    def test_the_page_shows_who_it_is_and_what_happened(self):
        """Profiles, facts, dates and everything that happened, newest first."""
        self.tell()
        user = self.env.ref("base.user_admin")
        person = self.person.with_user(user)
        data = person.get_community_person()
        self.assertEqual(data["name"], NAME)
        self.assertEqual([one["mentions"] for one in data["profiles"]], [2])
        self.assertIn("value", [fact["code"] for fact in data["facts"]])
        self.assertEqual([one["label"] for one in data["dates"]], ["Birthday"])
        counts = {kind["code"]: kind["count"] for kind in data["kinds"]}
        for code in ("mention", "answer", "lead", "ticket", "order", "note", "handoff"):
            self.assertIn(code, counts)
        self.assertEqual(counts["mention"], "2")
        entries = person.get_community_timeline()["entries"]
        moments = [entry["moment"] for entry in entries]
        self.assertEqual(moments, sorted(moments, reverse=True))
        note = next(entry for entry in entries if entry["kind"] == "note")
        self.assertEqual(note["text"], "Called twice")

    def test_filters_show_only_what_was_chosen(self):
        self.tell()
        person = self.person.with_user(self.agent)
        entries = person.get_community_timeline(kinds=["mention"])["entries"]
        self.assertEqual({entry["kind"] for entry in entries}, {"mention"})
        first = person.get_community_timeline(kinds=["mention"], limit=1)
        second = person.get_community_timeline(kinds=["mention"], limit=1, cursor=first["cursor"])
        self.assertNotEqual(first["entries"][0]["open"], second["entries"][0]["open"])
        self.assertFalse(second["cursor"])

    def test_only_what_the_reader_may_see(self):
        """An agent without sales rights sees no orders; who has no part in the community sees nothing."""
        self.tell()
        data = self.person.with_user(self.agent).get_community_person()
        codes = {kind["code"] for kind in data["kinds"]}
        self.assertIn("mention", codes)
        self.assertFalse({"order", "lead", "invoice"} & codes)
        self.assertNotIn("value", [fact["code"] for fact in data["facts"]])
        self.assertFalse(data["can"]["erase"])
        outside = new_test_user(self.env, "outside_agency", "community_manager.group_agency")
        for user in (self.outsider, outside):
            for name in ("get_community_person", "get_community_timeline"):
                with self.subTest(user=user.login, name=name), self.assertRaises(AccessError):
                    getattr(self.person.with_user(user), name)()

    def test_a_profile_without_contact_has_a_page_too(self):
        """Of whom only a profile is known, that is shown, until somebody says who it is."""
        mention = self.theirs()
        author = mention.author_id
        author.partner_id = False
        self.assertEqual(author.with_user(self.agent).action_community_person()["params"], {"author_id": author.id})
        data = author.with_user(self.agent).get_community_person()
        self.assertFalse(data["contact"])
        self.assertEqual([kind["code"] for kind in data["kinds"]], ["mention"])
        self.assertEqual(len(author.with_user(self.agent).get_community_timeline()["entries"]), 1)
        author.partner_id = self.person
        self.assertTrue(author.with_user(self.agent).get_community_person()["contact"])

    def test_many_mentions_cost_no_more_queries(self):
        """A page of the line costs as many queries with three hundred mentions as with three."""
        author = self.theirs().author_id
        author.partner_id = self.person
        person = self.person.with_user(self.agent)

        def queries():
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            self.assertTrue(person.get_community_timeline()["entries"])
            return self.env.cr.sql_log_count - before

        queries()
        few = queries()
        values = {"company_id": self.company.id, "network": "toy", "author_id": author.id, "origin": "own"}
        self.env["community.mention"]._create_bulk(
            [
                {**values, "external_id": f"many{number}", "text": f"Acme {number}", "realm": "", "kind": "post"}
                | {"visibility": "public", "state": "done", "published_at": START + timedelta(minutes=number)}
                for number in range(300)
            ]
        )
        self.assertLessEqual(queries(), few + 3)

    def test_export_says_everything_to_who_may(self):
        """The file holds what was said and sent, the log says that it was taken and by whom."""
        mention = self.tell()
        with self.assertRaises(AccessError):
            self.person.with_user(self.agent).action_community_export()
        action = self.person.with_user(self.manager).action_community_export()
        dialog = self.env[action["res_model"]].with_user(self.manager).browse(action["res_id"])
        text, name = dialog._content("json")
        for word in (mention.text, "Thank you!", NAME, mention.author_id.handle):
            self.assertIn(word, text)
        self.assertTrue(name.endswith(".json"))
        html, _name = dialog._content("html")
        self.assertIn("Acme lamps are great", str(html))
        logs = self.env["community.privacy.log"].search([("user_id", "=", self.manager.id)])
        self.assertEqual(set(logs.mapped("action")), {"exported", "shown"})
        self.assertNotIn("vorhaxt", name)

    def test_corrections_are_noted(self):
        """That something was corrected stands in the log, and not what."""
        self.tell()
        user = self.env.ref("base.user_admin")
        self.person.with_user(user).name = "Quilma Vorhaxt"
        log = self.env["community.privacy.log"].search([("action", "=", "corrected")])
        self.assertEqual(len(log), 1)
        self.assertEqual(log.reference, self.person._privacy_reference())
        self.person.with_user(user).name = "Quilma Vorhaxt"
        self.assertEqual(len(self.env["community.privacy.log"].search([("action", "=", "corrected")])), 1)
