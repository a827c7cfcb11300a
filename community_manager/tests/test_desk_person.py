import json
from datetime import timedelta
from types import SimpleNamespace
from unittest.mock import patch

from odoo import fields
from odoo.exceptions import AccessError
from odoo.tests import tagged

from odoo.addons.bus.models.bus import json_dump

from ..models.desk.community_news import DESK, MOST_IDS, NEWS
from .common import CommunityCase


@tagged("post_install", "-at_install")
class TestDeskPerson(CommunityCase):
    """What the desk tells of a person, and to whom."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.channel = cls.make_channel()
        cls.ingest(cls.channel, cls.item("1", "Where is my acme chair?", "zoe", origin="own"))
        cls.mention = cls.mentions(cls.channel)
        cls.author = cls.mention.author_id
        cls.partner = cls.env["res.partner"].create({"name": "Zoe Ruiz", "email": "zoe@example.com", "city": "Madrid"})

    def _sections(self, user=None):
        data = self.author.with_user(user or self.agent).get_person(self.mention.id)
        return {section["code"]: section["lines"] for section in data["sections"]}

    def _order(self, price=100.0, confirm=True, **values):
        product = self.env["product.product"].create({"name": "Lamp", "list_price": price, "taxes_id": False})
        line = {"product_id": product.id, "price_unit": price, "tax_ids": False}
        order = self.env["sale.order"].create(
            {"partner_id": self.partner.id, "order_line": [fields.Command.create(line)], **values}
        )
        if confirm:
            order.action_confirm()
        return order

    def test_stranger(self):
        """Of somebody unknown the desk asks who it is, and shows no empty headings."""
        sections = self._sections()
        self.assertEqual(sections["contact"][0]["open"], {"model": "community.author", "id": self.author.id})
        self.assertEqual(sections["lifecycle"][0]["text"], "Community")
        self.assertNotIn("value", sections)
        self.assertNotIn("touches", sections)
        self.assertNotIn("holds", sections)

    def test_customer_and_what_they_bought(self):
        """A confirmed order makes a customer; its value shows to those who may read orders, and to nobody else."""
        self.author.partner_id = self.partner
        self._order(100)
        self._order(140)
        self._order(900, confirm=False)
        seller = self._new_user("seller", "community_manager.group_agent,sales_team.group_sale_salesman_all_leads")
        sections = self._sections(seller)
        self.assertEqual(sections["lifecycle"][0]["text"], "Customer")
        self.assertIn("240", sections["value"][0]["text"])
        action = sections["value"][0]["action"]
        found = self.env["sale.order"].with_user(seller).search(action["domain"])
        self.assertEqual(sum(found.mapped("amount_total")), 240, "the orders behind the figure open with it")
        self.assertEqual(sections["contact"][0]["open"], {"model": "res.partner", "id": self.partner.id})
        agents = self._sections(self.agent)
        self.assertEqual(agents["lifecycle"][0]["text"], "Customer")
        self.assertNotIn("value", agents)
        self.assertNotIn("240", json.dumps(agents))
        with self.assertRaises(AccessError):
            self.author.with_user(self.agent).read(["value"])

    def test_value_is_of_this_company(self):
        """What was bought from another company is not told here."""
        self.author.partner_id = self.partner
        other = self.env["res.company"].create({"name": "Elsewhere"})
        self._order(500, company_id=other.id)
        self.assertEqual(self.author._sales()["count"], 0)
        self.assertEqual(self._sections(self.agent)["lifecycle"][0]["text"], "Known contact")

    def test_consent_from_lists_and_blacklist(self):
        """Who is on a list may be written to; who is on the blacklist may not, list or no list."""
        self.author.partner_id = self.partner
        self.assertNotIn("consent", self._sections())
        mailing = self.env["mailing.list"].create({"name": "News"})
        self.env["mailing.contact"].create(
            {"name": "Zoe", "email": "zoe@example.com", "list_ids": [fields.Command.set(mailing.ids)]}
        )
        self.author.invalidate_recordset()
        self.assertEqual(self.author.consent, "yes")
        self.env["mail.blacklist"].create({"email": "zoe@example.com"})
        self.author.invalidate_recordset()
        self.assertEqual(self.author.consent, "no")
        self.assertIn("consent", self._sections())

    def test_last_touch_is_ours_on_any_profile(self):
        """What we last said counts on all profiles of the person."""
        self.author.partner_id = self.partner
        self.ingest(self.channel, self.item("2", "acme again", "zoe elsewhere", origin="own"))
        second = self.mentions(self.channel, external_id="2")
        second.author_id.partner_id = self.partner
        reply = self.env["community.reply"].create(
            {"mention_id": second.id, "channel_id": self.channel.id, "text": "Hello", "company_id": self.company.id}
        )
        sent = fields.Datetime.now() - timedelta(days=3)
        reply.sudo().write({"state": "sent", "sent_at": sent})
        reply.sudo()._note_touch()
        [line] = self._sections()["touches"]
        self.assertEqual(line["moment"], fields.Datetime.to_string(sent))
        self.assertIn(("partner_id", "=", self.partner.id), line["action"]["domain"])

    def test_holds_name_their_reason(self):
        """A hold on this person is shown with its reason; one on everybody else is not."""
        hold = self.env["community.hold"].create({"name": "Lawyers talk", "author_ids": self.author.ids})
        self.ingest(self.channel, self.item("2", "acme", "mia", origin="own"))
        mia = self.mentions(self.channel, external_id="2").author_id
        self.assertEqual([line["text"] for line in self._sections()["holds"]], ["Lawyers talk"])
        self.assertEqual(self.author.holds, "Lawyers talk")
        self.assertFalse(mia.holds)
        hold.action_end()
        self.author.invalidate_recordset()
        self.assertFalse(self.author.holds)

    def test_open_lead_is_told_but_not_shown_without_rights(self):
        """An agent sees that a lead is open; a click opens it only for those who may read leads."""
        self.mention.with_user(self.agent).action_create_lead()
        [line] = self._sections()["open"]
        self.assertEqual((line["note"], line["open"]), ("Lead", False))
        seller = self._new_user("seller", "community_manager.group_agent,sales_team.group_sale_salesman_all_leads")
        [line] = self._sections(seller)["open"]
        self.assertEqual(line["open"], {"model": "crm.lead", "id": self.mention.lead_id.id})
        self.mention.lead_id.action_set_lost()
        self.assertNotIn("open", self._sections(seller))

    def test_earlier_conversations(self):
        """Earlier conversations are named once each, the one that is open not at all."""
        for number in range(2, 9):
            text = f"acme <b>story</b> {number}"
            self.ingest(self.channel, self.item(str(number), text, "zoe", origin="own"))
        lines = self._sections()["earlier"]
        texts = [line["text"] for line in lines]
        self.assertEqual(len(texts), len(set(texts)))
        self.assertNotIn(self.mention.summary, texts)
        self.assertIn("<b>story</b>", texts[0], "plain text stays plain text")
        self.assertEqual(lines[-1]["action"]["res_model"], "community.mention")

    def test_side_says_why_and_what_can_be_done(self):
        """The pane names the words that matched, and offers only what this user may do."""
        side = self.mention.with_user(self.agent).get_side()
        self.assertEqual([line["text"] for line in side["why"]], ["acme"])
        self.assertEqual({"lead", "ticket", "done", "ignore", "assign"} - set(side["acts"]), set())
        other = self.env["res.company"].create({"name": "Elsewhere"})
        stranger = self._new_user(
            "elsewhere", "community_manager.group_agent", company_id=other.id, company_ids=[(6, 0, other.ids)]
        )
        with self.assertRaises(AccessError):
            self.mention.with_user(stranger).get_side()
        with self.assertRaises(AccessError):
            self.author.with_user(stranger).get_person()

    # -- news --------------------------------------------------------------------------------------------------------

    def _sent(self, work):
        """Return what the bus is given by ``work``, as {channel: payload}, at its commit."""
        self.env.cr.precommit.run()
        before = self.env["bus.bus"].search([], order="id desc", limit=1).id
        work()
        self.env.cr.precommit.run()
        found = {}
        for message in self.env["bus.bus"].search([("id", ">", before)]):
            content = json.loads(message.message)
            if content["type"] == NEWS:
                self.assertNotIn(message.channel, found, "one message for each company")
                found[message.channel] = content["payload"]
        return found

    def _channel(self, company):
        return json_dump((self.env.cr.dbname, "res.company", company.id, DESK))

    def test_one_message_for_a_page(self):
        """A page is one message to its company, and carries numbers only."""
        texts = [f"secret acme {number}" for number in range(30)]
        items = [self.item(f"p{number}", text, origin="own") for number, text in enumerate(texts)]
        items.append(self.item("ours", "we, acme", origin="own", outgoing=True))
        found = self._sent(lambda: self.ingest(self.channel, *items))
        self.assertEqual(list(found), [self._channel(self.company)])
        [news] = found.values()
        self.assertEqual((news["company_id"], news["count"]), (self.company.id, 30))
        self.assertNotIn("secret", json.dumps(news))
        self.assertEqual(self._sent(lambda: self.ingest(self.channel, *items)), {}, "nothing new is no news")

    def test_changes_of_colleagues_are_told(self):
        """Whoever takes or finishes mentions tells the others which ones, in one message and not by the thousand."""
        found = self._sent(lambda: self.mention.with_user(self.agent).action_assign_to_me())
        [news] = found.values()
        self.assertEqual((news["ids"], news["count"]), (self.mention.ids, 0))
        self.ingest(self.channel, *[self.item(f"m{n}", "acme", origin="own") for n in range(MOST_IDS + 20)])
        many = self.mentions(self.channel)
        [news] = self._sent(lambda: many.with_user(self.agent).action_done()).values()
        self.assertEqual((len(news["ids"]), news["more"]), (MOST_IDS, True))
        self.assertEqual(self._sent(lambda: many.write({"priority": "1"})), {})

    def test_only_agents_of_a_company_hear_its_news(self):
        """The server adds the channel of a company for its agents; nobody else gets it, whatever they ask for."""
        other = self.env["res.company"].create({"name": "Elsewhere"})
        stranger = self._new_user("stranger", "base.group_user")
        portal = self._new_user("portal", "base.group_portal")
        both = self._new_user("both", "community_manager.group_agent", company_ids=[(6, 0, (self.company | other).ids)])
        forged = [f"res.company_{self.company.id}", DESK, self._channel(self.company)]

        def heard(user):
            request = SimpleNamespace(session=SimpleNamespace(uid=user.id), env=self.env, cookies={})
            with patch("odoo.addons.bus.models.ir_websocket.wsrequest", request):
                channels = self.env["ir.websocket"].with_user(user)._build_bus_channel_list(list(forged))
            return {one[0] for one in channels if isinstance(one, tuple) and one[1] == DESK}

        self.assertEqual(heard(self.agent), {self.company})
        self.assertEqual(heard(both), {self.company, other})
        self.assertEqual(heard(stranger), set())
        self.assertEqual(heard(portal), set())
