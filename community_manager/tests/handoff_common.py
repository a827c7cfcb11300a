from .routing_common import RoutingCase


class HandoffCase(RoutingCase):
    """A department with a head and a member who have no role in the community."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # people are told in these tests, so nothing is muted
        cls.env = cls.env(context={"no_reset_password": True})
        cls.company.resource_calendar_id = False  # hours by the clock, unless a test says otherwise
        cls.head = cls._new_user("head", "base.group_user")
        cls.member = cls._new_user("member", "base.group_user")
        cls.quality = cls.make_department("Batches", manager_id=cls.head.id, member_ids=[(6, 0, cls.member.ids)])
        cls.desk = cls.make_channel("Desk")

    @classmethod
    def make_department(cls, name, **values):
        """Create a department of the company."""
        return cls.env["community.department"].create({"name": name, **values})

    def heard(self, text="Acme, this chair smells of glue", author="ann", **values):
        """Return a mention that came in through a connected channel."""
        return self.say(text, author, channel=self.desk, **values)

    def hand_off(self, mentions, department=None, user=None, **values):
        """Hand mentions off as an agent does in the dialog; return the hand-offs."""
        user = user or self.agent
        action = mentions.with_user(user).action_hand_off()
        dialog = self.env["community.handoff.ask"].with_user(user).with_context(**action["context"])
        wizard = dialog.create(
            {"department_id": (department or self.quality).id, "asked": "Is this batch faulty?", **values}
        )
        wizard.action_hand_off()
        return mentions.handoff_ids.sorted("id").with_user(user)

    def conclude(self, handoff, user=None, outcome="done", **values):
        """Give a hand-off its outcome as somebody of the department does."""
        theirs = handoff.with_user(user or self.member)
        theirs.write({"outcome_text": "The glue was too wet.", "answer": "Air it for two days, please.", **values})
        if outcome == "done":
            theirs.action_done()
        else:
            theirs.action_refuse()

    def send(self):
        """Let the outbox work with everything due now."""
        self.env["community.reply"].search([("next_try_at", "!=", False)]).next_try_at = "2020-01-01 00:00:00"
        self.env["community.outbox"]._send(20)
        self.env.invalidate_all()

    def notified(self, user):
        """Return the subjects of what a user was notified of, oldest first."""
        messages = self.env["mail.message"].search(
            [("notified_partner_ids", "in", user.partner_id.ids), ("model", "=", "community.handoff")], order="id"
        )
        return messages.mapped("subject")
