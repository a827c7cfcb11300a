from datetime import timedelta

from psycopg2.errors import UniqueViolation

from odoo import fields
from odoo.exceptions import AccessError, ValidationError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .relations_common import RelationsCase


@tagged("post_install", "-at_install")
class TestReferrals(RelationsCase):
    """Word of mouth: whom advocates sent to us is counted once, for the right one, and nothing of their own."""

    def setUp(self):
        super().setUp()
        self.advocate = self.care()
        self.mine = self.link(self.advocate)

    def figures(self, referral):
        referral.invalidate_recordset()
        referral = referral.with_user(self.manager)
        return referral.click_count, referral.lead_count, referral.order_count, referral.revenue

    def rival(self):
        """Return a link of somebody else."""
        partner = self.env["res.partner"].create({"name": "Rita", "email": "rita@example.org"})
        return self.link(self.care(partner), self.mine.kit_id)

    def test_a_link_brings_clicks_leads_and_orders(self):
        self.click(self.mine, 3)
        self.lead(self.mine, email_from="new@example.org")
        order = self.order(self.mine, price=250)
        self.assertEqual(order.community_referral_id, self.mine)
        self.assertEqual(self.figures(self.mine), (3, 1, 1, 250))
        self.advocate.invalidate_recordset()
        self.assertEqual((self.advocate.click_count, self.advocate.order_count), (3, 1))
        with self.assertRaises(AccessError):
            self.mine.with_user(self.agent).read(["revenue"])
        self.assertEqual(self.mine.with_user(self.agent).read(["order_count"])[0]["order_count"], 1)

    def test_names_in_the_address_tell_nobody_who_the_advocate_is(self):
        link = self.mine.sudo().link_id
        self.assertIn("utm_source=word-of-mouth-", link.redirected_url)
        self.assertNotIn("Ann", link.redirected_url)
        self.assertIn("/r/", self.mine.short_url)

    def test_two_kits_of_one_person_are_told_apart(self):
        other = self.link(self.advocate, self.kit(name="Chairs"))
        self.assertNotEqual(other, self.mine)
        order = self.order(other)
        self.assertEqual(order.community_referral_id, other)
        self.assertEqual(self.link(self.advocate, self.mine.kit_id), self.mine, "one link of each kit is enough")

    def test_a_code_that_was_told_counts_and_a_wrong_one_is_refused(self):
        order = self.order(confirm=False)
        self.assertFalse(order.community_referral_id)
        order.with_user(self.seller).community_referral_code = f" {self.mine.code.lower()} "
        self.assertEqual(order.community_referral_id, self.mine)
        with self.assertRaises(ValidationError):
            order.community_referral_code = "NOBODY"

    def test_the_first_touch_wins(self):
        rival = self.rival()
        self.lead(self.mine, self.bob)
        order = self.order(rival)
        self.assertEqual(order.community_referral_id, self.mine)
        self.assertEqual(self.order().community_referral_id, self.mine, "also when nothing says so the second time")
        self.assertEqual(self.figures(rival)[2], 0)

    def test_the_first_touch_is_forgotten_after_the_days_of_the_kit(self):
        rival = self.rival()
        lead = self.lead(self.mine, self.bob)
        self.mine.kit_id.with_user(self.manager).days = 30
        self.env.flush_all()
        past = fields.Datetime.now() - timedelta(days=31)
        self.env.cr.execute("UPDATE crm_lead SET create_date = %s WHERE id = %s", [past, lead.id])
        self.env.invalidate_all()
        self.assertEqual(self.order(rival).community_referral_id, rival)
        self.assertEqual(self.figures(self.mine), (0, 1, 0, 0))

    def test_own_orders_do_not_count(self):
        self.assertFalse(self.order(self.mine, self.ann).community_referral_id)
        self.ann.parent_id = self.env["res.partner"].create({"name": "Marsh Ltd", "is_company": True})
        colleague = self.env["res.partner"].create({"name": "Al", "parent_id": self.ann.parent_id.id})
        self.assertFalse(self.order(self.mine, colleague).community_referral_id)
        self.assertFalse(self.lead(self.mine, email_from="Ann <ANN@example.org>").community_referral_id)
        order = self.order(self.mine, self.bob)
        order.write({"partner_id": self.ann.id})
        self.assertFalse(order.community_referral_id, "an order that turns out to be their own")

    def test_cancelled_and_unconfirmed_orders_do_not_count(self):
        order = self.order(self.mine)
        self.order(self.mine, confirm=False)
        self.assertEqual(self.figures(self.mine)[2:], (1, 100))
        order._action_cancel()
        self.assertEqual(self.figures(self.mine)[2:], (0, 0))

    def test_amounts_are_in_our_currency_and_without_taxes(self):
        euro, dollar = self.env.ref("base.EUR"), self.env.ref("base.USD")
        foreign = dollar if self.company.currency_id == euro else euro
        foreign.active = True
        rates = self.env["res.currency.rate"]
        rates.search([("currency_id", "in", (foreign | self.company.currency_id).ids)]).unlink()
        rates.create({"currency_id": foreign.id, "rate": 4.0, "name": "2020-01-01", "company_id": self.company.id})
        pricelist = self.env["product.pricelist"].create({"name": "Foreign", "currency_id": foreign.id})
        order = self.order(self.mine, price=400, pricelist_id=pricelist.id)
        self.assertEqual(order.currency_id, foreign)
        self.assertEqual(self.figures(self.mine)[3], 100)

    def test_a_revoked_link_leads_on_and_counts_no_more(self):
        self.click(self.mine, 2)
        tracker = self.mine.sudo().link_id
        source = {"source_id": tracker.source_id.id, "campaign_id": tracker.campaign_id.id}
        token = self.mine.token
        self.mine.with_user(self.agent).action_revoke()
        self.env.flush_all()
        self.env.cr.execute("UPDATE link_tracker_click SET create_date = create_date - interval '1 hour'")
        later = fields.Datetime.now() + timedelta(hours=1)
        self.click(self.mine)
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE link_tracker_click SET create_date = %s WHERE id = (SELECT MAX(id) FROM link_tracker_click)",
            [later],
        )
        self.env.invalidate_all()
        self.assertEqual(tracker.redirected_url, "https://acme.example/lamps")
        self.assertFalse(self.order(**source).community_referral_id)
        self.assertEqual(self.figures(self.mine)[0], 2)
        self.assertNotEqual(self.mine.token, token)
        self.assertFalse(self.mine.share_url)

    def test_merged_leads_keep_who_sent_them_first(self):
        rival = self.rival()
        first = self.lead(self.mine, email_from="a@example.org")
        second = self.lead(rival, email_from="b@example.org")
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE crm_lead SET create_date = create_date - interval '1 day' WHERE id = %s", [first.id]
        )
        self.env.invalidate_all()
        second.probability = 90
        kept = (first | second).merge_opportunity()
        self.assertEqual(kept.community_referral_id, self.mine)

    def test_links_of_another_company_count_nothing_here(self):
        order = self.order(confirm=False)
        elsewhere = self.env["res.company"].create({"name": "Elsewhere"})
        env = self.env(context={**self.env.context, "allowed_company_ids": elsewhere.ids})
        person = env["community.influencer"].create({"name": "There", "company_id": elsewhere.id, "user_id": False})
        theirs = env["community.referral"].create({"influencer_id": person.id, "target": "https://there.example"})
        with self.assertRaises(ValidationError):
            order.community_referral_code = theirs.code
        self.assertFalse(self.order(theirs).community_referral_id)

    def test_the_link_and_its_key_are_nobodys_to_write(self):
        for name, value in (("token", "x" * 24), ("active", False), ("link_id", False)):
            with self.assertRaises(AccessError):
                self.mine.with_user(self.manager).write({name: value})
        with self.assertRaises(UniqueViolation), mute_logger("odoo.sql_db"), self.cr.savepoint():
            self.link(self.care(self.bob), self.kit()).code = self.mine.code.lower()
            self.env.flush_all()

    def test_the_report_adds_up_per_person(self):
        self.click(self.mine, 4)
        self.lead(self.mine, email_from="new@example.org")
        self.order(self.mine, price=250)
        self.promise(self.advocate, amount=40)
        one = self.collaborate(self.advocate)
        self.profile(partner=self.ann)
        one.action_agree()
        one.action_run()
        self.env.flush_all()
        report = self.env["community.influencer.result"]
        names = ["clicks:sum", "leads:sum", "orders:sum", "mentions:sum", "revenue:sum", "cost:sum"]
        rows = report.with_user(self.manager).formatted_read_group(
            [("influencer_id", "=", self.advocate.id)], ["influencer_id"], names
        )
        self.assertEqual([rows[0][name] for name in names], [4, 1, 1, 1, 250, 40])
        with self.assertRaises(AccessError):
            report.with_user(self.agent).formatted_read_group([], ["influencer_id"], ["revenue:sum"])

    def test_texts_hold_the_link_hashtags_and_disclosure(self):
        self.env["res.lang"]._activate_lang("es_ES")
        english, spanish = (self.mine.kit_id._texts(self.mine, lang) for lang in ("en_US", "es_ES"))
        self.assertIn(f"See the lamps: {self.mine.short_url} now #acme #ad", english[0]["text"])
        self.assertIn(f"Vea las lámparas {self.mine.short_url} #acme #ad", [text["text"] for text in spanish])
        self.assertNotIn("Vea", english[0]["text"])

    # -- the person ---------------------------------------------------------------------------------------------------

    def test_the_timeline_and_the_pane_tell_of_it(self):
        mention = self.profile(partner=self.ann)
        self.lead(self.mine, email_from="new@example.org")
        ann = self.ann.with_user(self.agent)
        kinds = {kind["code"]: kind for kind in ann._community_timeline_kinds()}
        self.env["community.recognition"].create({"influencer_id": self.advocate.id, "text": "For all"})
        one = self.collaborate(self.advocate)
        one.action_agree()
        self.assertEqual(len(kinds["collaboration"]["read"](None, 10)), 1)
        self.assertEqual(kinds["recognition"]["read"](None, 10)[0]["text"], "For all")
        self.assertFalse(kinds["referral"]["read"](None, 10), "leads are for those who sell")
        self.agent.group_ids += self.env.ref("sales_team.group_sale_salesman_all_leads")
        kinds = {kind["code"]: kind for kind in ann._community_timeline_kinds()}
        self.assertEqual(len(kinds["referral"]["read"](None, 10)), 1)
        facts = {fact["code"]: fact for fact in ann._community_facts()}
        self.assertIn("Advocate: ", facts["relation"]["text"])
        sections = {one["code"]: one for one in mention.author_id.with_user(self.agent).get_person()["sections"]}
        self.assertEqual(len(sections["relation"]["lines"]), 1)

    def test_erasing_a_person_keeps_figures_and_no_name(self):
        self.order(self.mine, price=250)
        self.profile(partner=self.ann)
        one = self.collaborate(self.advocate, name="Ann's video", agreement="Ann films")
        fee = self.promise(self.advocate, name="Fee of Ann", collaboration_id=one.id)
        self.env["community.recognition"].create({"influencer_id": self.advocate.id, "text": "Thanks Ann"})
        kept = {entry["code"]: entry for entry in self.ann._community_personal_data()}
        ours = {"influencer", "collaboration", "compensation", "recognition", "referral"}
        self.assertFalse(ours - set(kept))
        for code in ours:
            kept[code]["records"].read(kept[code]["fields"])
        counts = self.ann.sudo()._community_erase()
        self.assertEqual(counts["community.collaboration"], 1)
        self.env.flush_all()
        every = self.advocate.sudo() | self.advocate.sudo().browse()
        told = [every.read(), one.sudo().read(), fee.sudo().read(), self.mine.sudo().read()]
        told.append(self.env["community.recognition"].search([("company_id", "=", self.company.id)]).read())
        self.assertNotIn("Ann", str(told).replace("Annual", ""))
        self.assertFalse(self.mine.active)
        self.assertEqual((self.figures(self.mine)[2:], fee.sudo().amount), ((1, 250), 300))
        self.assertFalse(self.ann._community_relations(archived=True))
