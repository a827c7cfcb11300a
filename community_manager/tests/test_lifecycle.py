from datetime import datetime, timedelta

from odoo import Command
from odoo.exceptions import AccessError
from odoo.tests import tagged

from .test_identity import SERVER, IdentityCase

LONG_AGO = datetime(2024, 3, 1, 9)


@tagged("post_install", "-at_install")
class TestLifecycle(IdentityCase):
    """Who stands where, since when, and by which records."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.lifecycles = cls.env["community.lifecycle"].with_company(cls.company)
        cls.product = cls.env["product.product"].create({"name": "Lamp", "list_price": 10.0})
        cls.firm = cls.partners.create({"name": "Hotel Norte", "is_company": True})
        cls.ana = cls.partners.create({"name": "Ana Ruiz", "parent_id": cls.firm.id})
        cls.luis = cls.partners.create({"name": "Luis Gil"})

    def refresh(self):
        self.env.flush_all()
        while self.env["community.lifecycle"]._refresh_stale():
            pass
        self.env.invalidate_all()

    def order(self, partner, confirm=True, **values):
        order = self.env["sale.order"].create(
            {"partner_id": partner.id, "order_line": [Command.create({"product_id": self.product.id})], **values}
        )
        if confirm:
            order.action_confirm()
        return order

    def steps(self, partner):
        found = self.env["community.lifecycle.step"].search([("partner_id", "=", partner.id)], order="date, id")
        return [(step.stage, step.reason) for step in found.sorted(lambda step: step.date)]

    def speaks(self, partner, moment=LONG_AGO):
        author = self.author(f"of-{partner.id}", name=partner.name, handle=f"@a{partner.id}@{SERVER}")
        mention = self.say("Acme!", author=f"x{partner.id}")
        mention.sudo().write({"published_at": moment, "author_id": author.id})
        author.partner_id = partner
        return author

    def test_the_dates_are_those_of_the_records(self):
        """First mention, first lead and first confirmed order say since when; not the day of the calculation."""
        author = self.speaks(self.luis)
        lead = self.env["crm.lead"].create({"name": "Lamps", "partner_id": self.luis.id, "type": "opportunity"})
        asked = LONG_AGO + timedelta(days=10)
        self.env.flush_all()
        self.env.cr.execute("UPDATE crm_lead SET create_date = %s WHERE id = %s", (asked, lead.id))
        self.env.cr.execute("UPDATE res_partner SET create_date = %s WHERE id = %s", (LONG_AGO, self.luis.id))
        order = self.order(self.luis)
        bought = LONG_AGO + timedelta(days=30)
        order.date_order = bought
        self.refresh()
        steps = self.env["community.lifecycle.step"].search([("partner_id", "=", self.luis.id)])
        by_stage = {step.stage: step for step in steps}
        self.assertEqual(
            {stage: step.date for stage, step in by_stage.items()},
            {"community": LONG_AGO, "market": LONG_AGO, "prospect": asked, "customer": bought},
        )
        self.assertEqual(by_stage["customer"].days, 20)
        self.assertEqual(by_stage["customer"].reason, "order")
        self.assertEqual(self.luis.community_lifecycle, "customer")
        self.assertEqual(self.luis.community_lifecycle_ids.since, bought)
        self.assertEqual(author._lifecycles()[author.id], "customer")

    def test_the_contact_the_search_the_grouping_and_the_author_agree(self):
        authors = {partner: self.speaks(partner) for partner in (self.luis, self.ana)}
        self.order(self.luis)
        self.order(self.ana, confirm=False)
        for worked_out in (False, True):
            if worked_out:
                self.refresh()
            with self.subTest(worked_out=worked_out):
                for partner, stage in ((self.luis, "customer"), (self.ana, "prospect")):
                    self.assertEqual(partner.community_lifecycle, stage)
                    self.assertEqual(authors[partner]._lifecycles()[authors[partner].id], stage)
        mine = [("id", "in", (self.luis | self.ana | self.firm).ids)]
        self.assertEqual(self.partners.search([*mine, ("community_lifecycle", "=", "customer")]), self.luis)
        self.assertEqual(self.partners.search([*mine, ("community_lifecycle", "=", False)]), self.partners)
        self.assertEqual(self.partners.search([*mine, ("community_lifecycle", "!=", "customer")]), self.ana | self.firm)
        groups = self.partners._read_group(mine, ["community_lifecycle"], ["__count"])
        self.assertEqual(dict(groups), {"customer": 1, "prospect": 2})

    def test_who_belongs_to_a_customer_company_is_a_customer_through_it(self):
        colleague = self.partners.create({"name": "Marta Gil", "parent_id": self.firm.id})
        address = self.partners.create({"name": "Dock", "parent_id": self.firm.id, "type": "delivery"})
        self.order(self.ana)
        self.refresh()
        self.assertEqual(colleague.community_lifecycle, "customer")
        self.assertEqual(colleague.community_lifecycle_ids.through_id, self.firm)
        self.assertIn("Hotel Norte", colleague.community_lifecycle_note)
        self.assertFalse(self.ana.community_lifecycle_ids.through_id)
        self.assertFalse(address.community_lifecycle)
        later = self.partners.create({"name": "New", "parent_id": self.firm.id})
        self.refresh()
        self.assertEqual(later.community_lifecycle, "customer")
        later.parent_id = False
        self.refresh()
        self.assertFalse(later.community_lifecycle)
        self.assertFalse(self.steps(later))

    def test_a_lost_lead_and_a_cancelled_order_take_the_stage_back(self):
        self.speaks(self.luis)
        lead = self.env["crm.lead"].create({"name": "Lamps", "partner_id": self.luis.id, "type": "opportunity"})
        self.refresh()
        self.assertEqual(self.luis.community_lifecycle, "prospect")
        lead.action_set_lost()
        self.refresh()
        self.assertEqual(self.luis.community_lifecycle, "market")
        self.assertIn(("prospect", "lead"), self.steps(self.luis))
        order = self.order(self.luis)
        self.refresh()
        self.assertEqual(self.luis.community_lifecycle, "customer")
        order._action_cancel()
        self.refresh()
        self.assertEqual(self.luis.community_lifecycle, "market")
        self.assertNotIn(("customer", "order"), self.steps(self.luis))

    def test_an_author_that_is_unlinked_takes_the_steps_along(self):
        author = self.speaks(self.luis)
        self.refresh()
        self.assertEqual(self.steps(self.luis), [("community", "mention"), ("market", "contact")])
        author.action_unlink_partner()
        self.refresh()
        self.assertFalse(self.luis.community_lifecycle)
        self.assertFalse(self.steps(self.luis))

    def test_consent_makes_a_known_contact_and_its_withdrawal_none(self):
        consent = self.env["community.consent"].create(
            {"partner_id": self.luis.id, "medium": "email", "state": "granted", "date": LONG_AGO}
        )
        self.refresh()
        self.assertEqual(self.luis.community_lifecycle, "market")
        self.assertEqual(self.steps(self.luis), [("market", "consent")])
        consent.state = "withdrawn"
        self.refresh()
        self.assertFalse(self.luis.community_lifecycle)

    def test_a_won_partnership_makes_a_partner(self):
        tag = self.env.ref("community_manager.tag_partnership")
        lead = self.env["crm.lead"].create(
            {"name": "Together", "partner_id": self.luis.id, "tag_ids": tag.ids, "type": "opportunity"}
        )
        lead.action_set_won()
        self.refresh()
        self.assertEqual(self.luis.community_lifecycle, "partner")

    def test_each_company_has_its_own_stages(self):
        self.env["crm.lead"].create(
            {"name": "There", "partner_id": self.luis.id, "company_id": self.other_company.id, "type": "opportunity"}
        )
        self.order(self.luis)
        self.refresh()
        self.assertEqual(self.luis.with_company(self.company).community_lifecycle, "customer")
        there = self.luis.with_context(allowed_company_ids=self.other_company.ids)
        self.assertEqual(there.community_lifecycle, "prospect")

    def test_what_a_manager_sets_stays_until_it_is_emptied(self):
        self.speaks(self.luis)
        self.refresh()
        values = {
            "partner_id": self.luis.id,
            "company_id": self.company.id,
            "stage": "partner",
            "note": "Since the fair",
        }
        dialogs = self.env["community.lifecycle.set"]
        dialogs.with_user(self.manager).create(values).action_apply()
        self.order(self.luis)
        self.refresh()
        lifecycle = self.luis.community_lifecycle_ids
        self.assertEqual((lifecycle.stage, lifecycle.reckoned_stage), ("partner", "customer"))
        self.assertEqual((lifecycle.manual_by, lifecycle.manual_note), (self.manager, "Since the fair"))
        dialogs.with_user(self.manager).create({**values, "stage": False}).action_apply()
        self.env.invalidate_all()
        self.assertEqual(self.luis.community_lifecycle, "customer")
        self.assertIn(("partner", "manual"), self.steps(self.luis))
        with self.assertRaises(AccessError):
            dialogs.with_user(self.agent).create(values)
        with self.assertRaises(AccessError):
            self.luis.with_user(self.agent).action_community_set_stage()

    def test_the_nightly_pass_finds_what_came_in_beside_us(self):
        self.order(self.luis)
        self.env["community.person.stale"].search([]).unlink()
        self.env["ir.config_parameter"].set_param("community_manager.lifecycle_position", str(self.luis.id - 1))
        with self.enter_registry_test_mode():
            self.env.ref("community_manager.cron_lifecycle_all").method_direct_trigger()
        self.assertEqual(self.luis.community_lifecycle_ids.stage, "customer")
        self.assertEqual(self.env["ir.config_parameter"].get_param("community_manager.lifecycle_position"), "0")

    def test_a_second_pass_writes_nothing(self):
        self.speaks(self.luis)
        self.order(self.luis)
        self.refresh()
        before = self.luis.community_lifecycle_ids.write_date
        ids = self.env["community.lifecycle.step"].search([("partner_id", "=", self.luis.id)]).ids
        self.env.cr.execute("UPDATE community_lifecycle SET write_date = %s", (LONG_AGO,))
        self.env["community.lifecycle"]._refresh(self.luis.ids)
        self.assertEqual(self.luis.community_lifecycle_ids.write_date, LONG_AGO)
        self.assertEqual(self.env["community.lifecycle.step"].search([("partner_id", "=", self.luis.id)]).ids, ids)
        self.assertTrue(before)

    def test_the_funnel_says_how_many_went_on_and_how_soon(self):
        company = self.env["res.company"].create({"name": "Funnel"})
        people = self.partners.create([{"name": f"P{number}"} for number in range(4)])
        steps = self.env["community.lifecycle.step"]
        for number, partner in enumerate(people):
            values = {"partner_id": partner.id, "company_id": company.id}
            steps.create({**values, "stage": "prospect", "date": LONG_AGO, "reason": "lead"})
            stage = "customer" if number < 3 else "prospect"
            self.env["community.lifecycle"].create({**values, "stage": stage})
            if number < 3:
                later = LONG_AGO + timedelta(days=(2, 4, 30)[number])
                steps.create({**values, "stage": "customer", "date": later, "reason": "order"})
        self.env.flush_all()
        rows = {
            row.stage: row for row in self.env["community.lifecycle.funnel"].search([("company_id", "=", company.id)])
        }
        self.assertEqual(len(rows), 5)
        row = rows["prospect"]
        self.assertEqual((row.reached_count, row.next_count, row.now_count, row.median_days), (4, 3, 1, 4))
        self.assertEqual(row.sentence, "Of 4 who reached “Prospect” 3 (75 %) went on, half of them in 4.0 days.")
        self.assertEqual(rows["community"].sentence, "Nobody has come this far yet.")
        people = row.action_open_people()
        self.assertEqual(self.env["community.lifecycle"].search_count(people["domain"]), 1)
