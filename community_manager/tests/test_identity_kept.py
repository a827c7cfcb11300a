from odoo.tests import tagged

from .test_identity import SERVER, IdentityCase


@tagged("post_install", "-at_install")
class TestIdentityKept(IdentityCase):
    """Profiles and stages on the person's page, in what is exported of a person, and erased with them."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.partner = cls.partners.create({"name": "Carmen Robles"})
        cls.env["community.handle"].create(
            {"partner_id": cls.partner.id, "network": "mastodon", "handle": f"@carmen@{SERVER}"}
        )
        cls.profile = cls.author(
            "carmen", name="Carmen Robles", handle=f"@carmen@{SERVER}", verified_urls="https://c.example"
        )
        cls.match()
        cls.env["community.lifecycle"]._refresh(cls.partner.ids)
        cls.env["community.lifecycle.set"].create(
            {"partner_id": cls.partner.id, "company_id": cls.company.id, "stage": "partner", "note": "Met at the fair"}
        ).action_apply()

    def test_the_page_shows_stage_steps_and_links(self):
        person = self.partner.with_user(self.agent)
        fact = next(one for one in person._community_facts() if one["code"] == "lifecycle" and not one.get("plain"))
        self.assertEqual(fact["text"], "Partner")
        self.assertIn("Community", fact["note"])
        kinds = {kind["code"]: kind for kind in person._community_timeline_kinds()}
        steps = kinds["lifecycle"]["read"](None, 10)
        self.assertEqual(
            {entry["title"] for entry in steps}, {f"Reached: {n}" for n in ("Community", "Known contact", "Partner")}
        )
        self.assertIn("Linked to the profile Carmen Robles", [e["title"] for e in kinds["identity"]["read"](None, 10)])
        self.profile._unlink_contact("Wrote that it is not her")
        kinds = {kind["code"]: kind for kind in person._community_timeline_kinds()}
        ended = [entry for entry in kinds["identity"]["read"](None, 10) if entry["text"] == "Wrote that it is not her"]
        self.assertEqual(len(ended), 1)

    def test_what_is_kept_is_named_and_goes_with_the_person(self):
        kept = {one["code"]: one for one in self.partner.sudo()._community_personal_data()}
        for code in ("handle", "match", "match.link", "lifecycle", "lifecycle.step"):
            with self.subTest(code=code):
                self.assertTrue(kept[code]["records"])
                kept[code]["records"].read(kept[code]["fields"])
        keys = self.env["community.identity.key"]
        self.assertTrue(keys.search([("author_id", "=", self.profile.id)]))
        counts = self.partner.sudo()._community_erase()
        self.profile._erase_profile()
        self.env.invalidate_all()
        self.assertEqual(counts["community.handle"], 1)
        for model in ("community.handle", "community.match", "community.match.link"):
            with self.subTest(model=model):
                self.assertFalse(self.env[model].search([("partner_id", "=", self.partner.id)]))
        self.assertFalse(keys.search(["|", ("author_id", "=", self.profile.id), ("partner_id", "=", self.partner.id)]))
        self.assertFalse(self.profile.verified_urls)
        stage = self.env["community.lifecycle"].search([("partner_id", "=", self.partner.id)])
        self.assertEqual((stage.stage, stage.manual_note), ("partner", False))
