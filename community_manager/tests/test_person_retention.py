from datetime import UTC, datetime, timedelta
from unittest.mock import patch

from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from .person_common import NAME, PersonCase


@tagged("post_install", "-at_install")
class TestPersonRetention(PersonCase):
    """Data of people have their time, once somebody has switched that on."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["community.retention"]._sync(cls.company)
        cls.old = datetime.now(UTC) - timedelta(days=800)

    def run_cron(self):
        with patch.object(type(self.env["ir.cron"]), "_commit_progress", return_value=60):
            self.env["community.retention"]._cron_retention()
        self.env.invalidate_all()

    def line(self, kind):
        return self.env["community.retention"].search([("company_id", "=", self.company.id), ("kind", "=", kind)])

    def test_nothing_goes_before_it_is_switched_on(self):
        """The screen says what would go; only switching on removes it."""
        old, new = self.theirs("Acme old", moment=self.old), self.theirs("Acme new")
        (old | new).write({"state": "done"})
        line = self.line("mentions")
        line.invalidate_recordset()
        self.assertEqual(line.due, 1)
        self.run_cron()
        self.assertTrue(old.text)
        line.with_user(self.admin).action_start()
        self.run_cron()
        self.assertFalse(old.text or old.url)
        self.assertEqual(old.summary, "Removed when its time was over")
        self.assertTrue(new.text)
        self.assertEqual(line.removed, 1)
        log = self.env["community.privacy.log"].search([("action", "=", "retention")], limit=1)
        self.assertEqual(log.counts, {"community.mention": 1})

    def test_what_waits_for_an_answer_stays(self):
        """Nobody loses an open question to its age."""
        old = self.theirs("Acme old", moment=self.old)
        line = self.line("mentions")
        line.with_user(self.admin).action_start()
        self.run_cron()
        self.assertTrue(old.text)

    def test_copies_follow_deletions_on_the_network(self):
        """What was deleted on the network goes from leads, tickets and their notes too."""
        mention = self.theirs("Acme, what I deleted afterwards stands here")
        mention.action_create_lead()
        mention.action_create_ticket()
        second = self.theirs("Acme, and this second thing was deleted too")
        second.action_create_lead()
        lead = mention.lead_id
        self.assertEqual(second.lead_id, lead)
        (mention | second)._erase_content()
        said = f"{lead.name} {lead.description} {' '.join(str(one.body) for one in lead.message_ids)}"
        said += f"{mention.task_id.name} {mention.task_id.description}"
        self.assertNotIn("deleted afterwards", said)
        self.assertNotIn("second thing", said)

    def test_profiles_that_are_silent(self):
        """A stranger who has not spoken for long loses name and handle, and may come back."""
        mention = self.theirs(moment=self.old)
        mention.author_id.partner_id = False
        author = mention.author_id
        author.flush_recordset()
        self.env.cr.execute("UPDATE community_author SET write_date = %s WHERE id = %s", [self.old, author.id])
        self.line("profiles").with_user(self.admin).action_start()
        self.run_cron()
        self.env.invalidate_all()
        self.assertEqual(author.display_name, "Erased person")
        again = self.theirs("Acme, here I am again", origin="search")
        self.assertEqual(again.author_id.name, NAME, "time alone keeps nobody out")

    def test_one_bad_record_does_not_stop_the_rest(self):
        """What cannot be emptied is named in the log of the server; all else goes."""
        mentions = self.theirs("Acme one", moment=self.old) | self.theirs("Acme two", moment=self.old)
        mentions.write({"state": "done"})
        self.line("mentions").with_user(self.admin).action_start()
        empty = type(self.env["community.mention"])._erase_content
        bad = mentions[0].id

        def erase(records, when=None):
            if bad in records.ids:
                raise ValueError("bad")
            return empty(records, when)

        with (
            patch.object(type(mentions), "_erase_content", erase),
            self.assertLogs("odoo.addons.community_manager", "ERROR"),
        ):
            self.run_cron()
        self.assertTrue(mentions[0].text)
        self.assertFalse(mentions[1].text)

    def test_rights(self):
        """Managers look, administrators switch; the time changes only while it is off."""
        line = self.line("answers")
        with self.assertRaises(AccessError):
            line.with_user(self.manager).action_start()
        line.with_user(self.admin).action_start()
        with self.assertRaises(UserError):
            line.with_user(self.admin).months = 1
        with self.assertRaises(AccessError):
            line.with_user(self.admin).running = False
        line.with_user(self.admin).action_stop()
        line.with_user(self.admin).months = 6
        self.assertEqual(line.months, 6)

    def test_every_kind_can_run(self):
        """Each kind finds what is older and empties it without an error."""
        mention = self.theirs(moment=self.old)
        mention.state = "done"
        for line in self.env["community.retention"].search([("company_id", "=", self.company.id)]):
            with self.subTest(kind=line.kind):
                line.with_user(self.admin).action_start()
                line.action_show()
                self.assertGreaterEqual(line.due, 0)
                self.run_cron()
                line.invalidate_recordset()
                self.assertEqual(line.due, 0)
