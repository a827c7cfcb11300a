from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from odoo.addons.community_manager.connectors.items import AuthorItem

from .identity_people import make_people
from .routing_common import RoutingCase

SERVER = "social.example"


class IdentityCase(RoutingCase):
    """Authors and contacts, and the work that brings them together."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # what demo or another database brings is done with
        cls.env["community.person.stale"].search([]).unlink()
        cls.env.cr.execute("UPDATE community_author SET match_due = FALSE")
        cls.env["ir.config_parameter"].set_param("community_manager.identity_filled", "-1")
        cls.partners = cls.env["res.partner"]

    @classmethod
    def author(cls, external_id, **values):
        """Store an author as the network tells it."""
        values = {"network": "mastodon", "realm": SERVER, "company_id": cls.company.id, **values}
        return cls.env["community.author"].create({"external_id": external_id, **values})

    @classmethod
    def match(cls):
        """Do what the scheduled work does."""
        cls.env.flush_all()
        identity = cls.env["community.identity"]
        while identity._refresh_stale() or identity._match_due():
            pass
        cls.env.invalidate_all()

    def pair(self, author, partner):
        return self.env["community.match"].search([("author_id", "=", author.id), ("partner_id", "=", partner.id)])


@tagged("post_install", "-at_install")
class TestIdentity(IdentityCase):
    """Whose a profile is: linked when certain, proposed when likely, decided by people, and never forgotten."""

    def test_of_a_thousand_pairs_none_is_linked_wrongly(self):
        """The same thousand as without a database, through tables, keys and the scheduled work."""
        contacts, profiles = make_people()
        made = self.partners.create(
            [
                {n: v for n, v in one.items() if n in ("name", "email", "website", "city", "is_company")}
                for one in contacts
            ]
        )
        for one, partner in zip(contacts, made, strict=True):
            for handle in one.get("handles", ()):
                record = self.env["community.handle"].create(
                    {"partner_id": partner.id, "network": handle["network"], "handle": handle["handle"]}
                )
                if handle.get("external_id"):
                    record._pin(self.env["community.author"].new(handle))
            if one.get("profile"):
                real = one["profile"]
                self.author(
                    real["external_id"],
                    name=real["name"],
                    handle=real["handle"],
                    partner_id=partner.id,
                    match_due=False,
                )
        authors = self.env["community.author"].create(
            [
                {
                    "company_id": self.company.id,
                    "verified_urls": " ".join(one.get("verified_urls", ())),
                    **{n: v for n, v in one.items() if n not in ("kind", "truth", "verified_urls")},
                }
                for one in profiles
            ]
        )
        self.match()
        self.assertEqual(len(authors), 1000)
        wrong, linked, found = [], 0, 0
        for one, author in zip(profiles, authors, strict=True):
            truth = made[one["truth"]] if one["truth"] is not None else made.browse()
            if author.partner_id and author.partner_id != truth:
                wrong.append((one, author.partner_id))
            if truth:
                linked += author.partner_id == truth
                found += author.partner_id == truth or bool(self.pair(author, truth))
        self.assertEqual(wrong, [])
        self.assertGreaterEqual(linked / 430, 0.9)
        self.assertGreaterEqual(found / 500, 0.97)

    def test_an_e_mail_links_at_arrival_and_the_rules_know(self):
        """Who writes with the e-mail of a contact is that contact before the rules ask."""
        ann = self.partners.create({"name": "Ann Whitfield", "email": "ann@mail.example"})
        item = AuthorItem("ann-1", name="Ann Whitfield", handle="@ann", email="Ann@Mail.example")
        mention = self.say("hello", author=item)
        self.assertEqual(mention.author_id.partner_id, ann)
        self.assertEqual(mention.author_id.link_origin, "email")
        pair = self.pair(mention.author_id, ann)
        self.assertEqual((pair.state, pair.decided_by.id, pair.evidence), ("confirmed", False, ["same_email"]))
        other = self.say("hello", author=AuthorItem("ann-2", name="Peter Whitfield", email="ann@mail.example"))
        self.assertFalse(other.author_id.partner_id)

    def test_a_refused_pair_is_never_proposed_again(self):
        partner = self.partners.create({"name": "Nerea Larrañaga"})
        author = self.author("n1", name="Nerea Larrañaga")
        self.match()
        pair = self.pair(author, partner)
        self.assertEqual((pair.state, pair.origin), ("proposed", "name"))
        self.assertIn("The same name.", pair.reasons)
        pair.with_user(self.agent).action_refuse()
        author.write({"name": "Nerea  Larrañaga", "email": "nerea@mail.example"})
        partner.email = "nerea@mail.example"
        self.match()
        self.assertEqual(pair.state, "refused")
        self.assertFalse(author.partner_id)
        pair.with_user(self.agent).action_undo()
        self.match()
        self.assertEqual(author.partner_id, partner)

    def test_what_is_unlinked_stays_so_and_its_history_too(self):
        partner = self.partners.create({"name": "Unai Zabala", "email": "unai@mail.example"})
        author = self.author("u1", name="Unai Zabala", email="unai@mail.example")
        self.match()
        self.assertEqual(author.partner_id, partner)
        link = self.pair(author, partner).link_ids
        self.assertEqual((link.origin, link.linked_by.id, link.ended_at), ("email", False, False))
        author.with_user(self.agent).action_unlink_partner()
        self.assertEqual((link.ended_by, bool(link.ended_at)), (self.agent, True))
        self.assertEqual(self.pair(author, partner).state, "undone")
        author.name = "Unai"
        self.match()
        self.assertFalse(author.partner_id)
        author.with_user(self.agent).partner_id = partner
        links = self.pair(author, partner).link_ids
        self.assertEqual(len(links), 2)
        self.assertEqual(links.filtered(lambda one: not one.ended_at).linked_by, self.agent)

    def test_many_are_confirmed_at_once_and_taken_back(self):
        names = ("Olga Petrov", "Emma Okafor", "Hugo Lindqvist")
        partners = self.partners.create([{"name": name} for name in names])
        authors = self.env["community.author"].concat(*[self.author(name, name=name) for name in names])
        self.match()
        pairs = self.env["community.match"].search([("author_id", "in", authors.ids)])
        self.assertEqual(len(pairs), 3)
        action = pairs.with_user(self.agent).action_confirm()
        self.assertEqual(authors.partner_id, partners)
        self.assertEqual(set(authors.mapped("link_origin")), {"manual"})
        pairs.browse(action["params"]["ids"]).with_user(self.agent).action_undo()
        self.assertFalse(authors.partner_id)
        self.assertEqual(set(pairs.mapped("state")), {"proposed"})

    def test_two_contacts_cannot_be_confirmed_for_one_author(self):
        partners = self.partners.create(
            [
                {"name": "Iván Pons", "email": "los.pons@mail.example"},
                {"name": "Inés Pons", "email": "los.pons@mail.example"},
            ]
        )
        author = self.author("i1", name="Pons", email="los.pons@mail.example")
        self.match()
        pairs = self.env["community.match"].search([("author_id", "=", author.id)])
        self.assertEqual(pairs.partner_id, partners)
        with self.assertRaises(UserError):
            pairs.with_user(self.agent).action_confirm()
        pairs[0].with_user(self.agent).action_confirm()
        with self.assertRaises(UserError):
            pairs[1].with_user(self.agent).action_confirm()

    def test_whoever_is_no_agent_decides_nothing(self):
        partner = self.partners.create({"name": "Grace Pemberton"})
        author = self.author("g1", name="Grace Pemberton")
        self.match()
        pair = self.pair(author, partner)
        for call in ("action_confirm", "action_refuse", "action_undo"):
            with self.subTest(call=call), self.assertRaises(AccessError):
                getattr(pair.with_user(self.outsider), call)()

    def test_a_handle_that_changed_hands_is_nobody_of_ours(self):
        partner = self.partners.create({"name": "Laia Rovira"})
        handle = self.env["community.handle"].create(
            {"partner_id": partner.id, "network": "mastodon", "handle": f"https://{SERVER}/@laia"}
        )
        first = self.author("l1", name="Laia Rovira", handle=f"@laia@{SERVER}")
        self.match()
        self.assertEqual((first.partner_id, first.link_origin), (partner, "handle"))
        self.assertEqual(handle.external_id, "l1")
        first.handle = f"@laia_r@{SERVER}"
        taken = self.author("l2", name="Laia Rovira", handle=f"@laia@{SERVER}")
        self.match()
        self.assertFalse(taken.partner_id)
        self.assertFalse(self.pair(taken, partner))

    def test_a_contact_of_another_company_is_nobody_here(self):
        self.partners.create(
            {"name": "Simon Ashworth", "email": "simon@mail.example", "company_id": self.other_company.id}
        )
        author = self.author("s1", name="Simon Ashworth", email="simon@mail.example")
        self.match()
        self.assertFalse(author.partner_id)
        self.assertFalse(author.match_ids)

    def test_a_contact_that_comes_later_is_found(self):
        author = self.author("c1", name="Clara Escrivá", email="clara@mail.example")
        self.match()
        partner = self.partners.create({"name": "Clara Escrivá"})
        self.match()
        self.assertEqual(self.pair(author, partner).state, "proposed")
        partner.email = "clara@mail.example"
        self.match()
        self.assertEqual(author.partner_id, partner)

    def test_a_proposal_for_which_nothing_speaks_any_more_goes(self):
        partner = self.partners.create({"name": "Julia Belmonte"})
        author = self.author("j1", name="Julia Belmonte")
        self.match()
        self.assertTrue(self.pair(author, partner))
        partner.name = "Somebody Else"
        self.match()
        author.match_due = True
        self.match()
        self.assertFalse(self.pair(author, partner))

    def test_a_contact_is_made_of_an_author(self):
        author = self.author("m1", name="Martin Arizmendi", handle=f"@martin@{SERVER}", email="martin@mail.example")
        self.agent.group_ids |= self.env.ref("base.group_partner_manager")
        action = author.with_user(self.agent).action_create_partner()
        partner = self.partners.browse(action["res_id"])
        self.assertEqual((author.partner_id, partner.email), (partner, "martin@mail.example"))
        self.assertEqual(partner.community_handle_ids.external_id, "m1")
        with self.assertRaises(UserError):
            author.with_user(self.agent).action_create_partner()

    def test_one_author_that_breaks_stops_nobody_else(self):
        partner = self.partners.create({"name": "Nora Kowalski", "email": "nora@mail.example"})
        bad = self.author("bad", name="Nora Bad")
        good = self.author("good", name="Nora Kowalski", email="nora@mail.example")
        identity = type(self.env["community.identity"])
        works = identity._match_authors

        def breaks(this, authors):
            if bad in authors:
                raise ValueError("bad")
            return works(this, authors)

        self.patch(identity, "_match_authors", breaks)
        with self.assertLogs("odoo.addons.community_manager.models.people.community_identity", "ERROR"):
            self.match()
        self.assertEqual(good.partner_id, partner)
        self.assertFalse(bad.match_due)

    def test_merged_contacts_keep_links_decisions_handles_and_what_was_set_by_hand(self):
        kept, gone = self.partners.create([{"name": "Beatriz Vidal"}, {"name": "Beatriz Vidal Pons"}])
        mine, theirs = self.author("b1", name="Beatriz Vidal"), self.author("b2", name="B. Vidal")
        mine.partner_id, theirs.partner_id = kept, gone
        refused = self.env["community.match"].create(
            {"author_id": mine.id, "partner_id": gone.id, "company_id": self.company.id, "state": "refused"}
        )
        third = self.author("b3", name="Bea")
        no = self.env["community.match"].create(
            {"author_id": third.id, "partner_id": gone.id, "company_id": self.company.id, "state": "refused"}
        )
        for partner in (kept, gone):
            values = {"partner_id": partner.id, "network": "mastodon", "handle": f"@bea@{SERVER}"}
            self.env["community.handle"].create(values)
        self.env["community.handle"].create({"partner_id": gone.id, "network": "bluesky", "handle": "bea.example"})
        self.env["community.lifecycle"]._refresh((kept | gone).ids)
        wizard = self.env["community.lifecycle.set"].with_user(self.manager)
        wizard.create(
            {"partner_id": gone.id, "company_id": self.company.id, "stage": "partner", "note": "Our fair"}
        ).action_apply()
        self.env["base.partner.merge.automatic.wizard"]._merge((kept | gone).ids, kept)
        self.assertFalse(gone.exists())
        self.assertEqual((mine | theirs).partner_id, kept)
        self.assertFalse(refused.exists())
        self.assertEqual(self.pair(mine, kept).state, "confirmed")
        self.assertEqual(self.pair(theirs, kept).link_ids.partner_id, kept)
        self.assertEqual((no.partner_id, no.state), (kept, "refused"))
        self.assertEqual(kept.community_handle_ids.mapped("network"), ["bluesky", "mastodon"])
        lifecycle = self.env["community.lifecycle"].search([("partner_id", "=", kept.id)])
        self.assertEqual((lifecycle.stage, lifecycle.manual_note), ("partner", "Our fair"))
        self.env["community.lifecycle"]._refresh_stale()
        self.assertEqual((lifecycle.stage, lifecycle.reckoned_stage), ("partner", "market"))

    def test_the_scheduled_work_begins_with_who_was_there_before(self):
        partner = self.partners.create({"name": "Felix Urrutia", "email": "felix@mail.example"})
        author = self.author("f1", name="Felix Urrutia", email="felix@mail.example")
        self.env["community.person.stale"].search([]).unlink()
        self.env["ir.config_parameter"].set_param("community_manager.identity_filled", str(partner.id - 1))
        with self.enter_registry_test_mode():
            self.env.ref("community_manager.cron_identity").method_direct_trigger()
        self.assertEqual(author.partner_id, partner)
        self.assertGreaterEqual(fields.Datetime.now(), self.pair(author, partner).decided_at)
