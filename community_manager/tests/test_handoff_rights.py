from odoo.exceptions import AccessError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .handoff_common import HandoffCase


@tagged("post_install", "-at_install")
class TestHandoffRights(HandoffCase):
    """People of a department need no role in the community, and see nothing of it but what they are asked."""

    def setUp(self):
        super().setUp()
        self.mention = self.heard()
        self.handoff = self.hand_off(self.mention)
        self.env.flush_all()
        self.env.invalidate_all()

    def refused(self, call, *args, **kwargs):
        with self.assertRaises(AccessError), mute_logger("odoo.addons.base.models.ir_rule", "odoo.orm.models"):
            call(*args, **kwargs)

    def test_members_see_the_words_and_no_more(self):
        for user in (self.member, self.head):
            theirs = self.handoff.with_user(user)
            values = theirs.read()[0]
            self.assertIn("smells of glue", values["quote"])
            self.assertEqual(values["people"], "Ann")
            self.assertNotIn("mention_ids", values)
            self.refused(self.mention.with_user(user).read, ["text"])
            self.refused(theirs.read, ["mention_ids"])
            self.refused(theirs.search, [("mention_ids.text", "ilike", "glue")])
            self.refused(theirs.action_open_mentions)

    def test_the_form_opens_for_them(self):
        theirs = self.handoff.with_user(self.member)
        views = theirs.get_views([(False, "form"), (False, "list"), (False, "kanban"), (False, "search")])
        fields = views["models"]["community.handoff"]["fields"]
        specification = {
            name: {"fields": {"display_name": {}}} if entry["type"] == "many2one" else {}
            for name, entry in fields.items()
        }
        found = theirs.web_read(specification)[0]
        self.assertEqual(found["department_id"]["display_name"], "Batches")

    def test_others_see_nothing(self):
        theirs = self.handoff.with_user(self.outsider)
        self.assertFalse(theirs.search([]))
        self.refused(theirs.read, ["asked"])
        self.refused(theirs.action_acknowledge)

    def test_whoever_is_named_sees_it(self):
        self.handoff.member_id = self.outsider
        self.assertEqual(self.handoff.with_user(self.outsider).search([]).ids, self.handoff.ids)

    def test_members_write_the_outcome_and_nothing_else(self):
        theirs = self.handoff.with_user(self.member)
        theirs.write({"outcome_text": "Yes, batch 12.", "answer": "Sorry!"})
        for values in ({"asked": "x"}, {"state": "told"}, {"department_id": 1}, {"user_id": self.member.id}):
            self.refused(theirs.write, values)
        self.refused(theirs.create, {"department_id": self.quality.id, "asked": "x"})
        self.refused(theirs.unlink)
        for button in ("action_tell", "action_close", "action_reopen"):
            self.refused(getattr(theirs, button))
        theirs.action_acknowledge()
        theirs.action_done()
        self.assertEqual(self.handoff.state, "outcome")

    def test_agents_do_not_write_how_far_it_is(self):
        self.refused(self.handoff.write, {"state": "told"})
        self.refused(self.handoff.create, {"department_id": self.quality.id, "asked": "x", "state": "told"})
        forged = self.handoff.with_context(default_state="told").create(
            {"department_id": self.quality.id, "asked": "x"}
        )
        self.assertEqual(forged.state, "asked")

    def test_what_was_deleted_on_the_network_is_not_shown_any_longer(self):
        self.mention._erase_content()
        self.env.invalidate_all()
        quote = self.handoff.with_user(self.member).quote
        self.assertNotIn("glue", quote)
        self.assertIn("Deleted on the network", quote)

    def test_only_agents_hand_off(self):
        self.refused(self.mention.with_user(self.outsider).action_hand_off)
        self.refused(
            self.env["community.handoff.ask"].with_user(self.outsider).create,
            {"mention_ids": self.mention.ids, "department_id": self.quality.id, "asked": "x"},
        )
