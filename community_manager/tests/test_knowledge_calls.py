from odoo.exceptions import AccessError
from odoo.service.model import call_kw
from odoo.tests import tagged

from .common import CommunityCase, item

#: where what is called here is written
ROOMS = tuple(
    f"odoo.addons.community_manager.{place}"
    for place in ("models.answers.", "models.conduct.", "wizards.community_moderation")
)
#: create, write and unlink are the matter of test_rights; Odoo itself refuses the others
RECORDS = frozenset(("create", "write", "unlink", "copy_data", "init"))
#: what methods need to be called
ARGUMENTS = {"answer_questions": [{}], "note_suggestion": ["answer", 1]}
#: what every employee may call: they read what was published, and learn
STAFF = {
    ("community.guideline", "action_confirm"),
    ("community.lesson", "get_questions"),
    ("community.lesson", "answer_questions"),
}


@tagged("post_install", "-at_install")
class TestKnowledgeCalls(CommunityCase):
    """Whoever has no role calls nothing of answers, approvals, guidelines and moderation but what is for all staff."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["community.approval.rule"].search([]).active = False
        cls.env["community.approval.rule"].create({"name": "Look at it"})
        channel = cls.make_channel()
        cls.ingest(channel, item("1", "Acme is rubbish", origin="own"))
        cls.mention = cls.mentions(channel)
        reply = cls.env["community.reply"].create({"mention_id": cls.mention.id, "text": "We are sorry."})
        reply.action_queue()
        guideline = cls.env["community.guideline"].create({"name": "How we speak", "draft": "<p>Kindly.</p>"})
        guideline.action_publish()
        lesson = cls._make_lesson()
        rules = cls.env["community.participation"].create(
            {"name": "Rules", "slug": "calls", "rule_ids": [(0, 0, {"title": "No insults"})]}
        )
        rules.action_publish()
        moderation = cls.env["community.moderation"].create({"mention_id": cls.mention.id})
        answer = cls.env["community.answer"].create({"question": "Why?", "text": "Because.", "state": "published"})
        records = cls.env["community.moderation.record"]
        kept = records.create({**records._values_of(cls.mention), "action": "hide"})
        ask = cls.env["community.ask"].create({"question": "May we?"})
        cls.records = {
            record._name: record
            for record in (
                cls.mention, reply, reply.approval_id, guideline, lesson, rules, moderation, answer, kept, ask,
            )
        }  # fmt: skip

    @classmethod
    def _make_lesson(cls):
        choices = [(0, 0, {"name": "Right", "is_right": True}), (0, 0, {"name": "Wrong"})]
        questions = [(0, 0, {"name": "Why?", "choice_ids": choices})]
        lesson = cls.env["community.lesson"].create({"name": "Complaints", "question_ids": questions})
        lesson.action_publish()
        return lesson

    def methods(self):
        """Return ``(record, method)`` of all that can be called from outside."""
        found = []
        for name, model in self.registry.items():
            written = {
                method
                for base in model.__mro__
                if base.__module__.startswith(ROOMS)
                for method, value in vars(base).items()
                if callable(value) or isinstance(value, classmethod)
            }
            public = {method for method in written if not method.startswith("_")} - RECORDS
            if public and not model._abstract:
                self.assertIn(name, self.records, "there is no record to call this with")
                found += [(self.records[name], method) for method in sorted(public)]
        return found

    def test_who_may_call_what(self):
        """An employee confirms guidelines and learns; portal users and visitors call nothing at all."""
        staff = self._new_user("staff", "base.group_user")
        methods = self.methods()
        self.assertGreater(len(methods), 30)
        for user in (staff, self._new_user("portal", "base.group_portal"), self.env.ref("base.public_user")):
            for record, method in methods:
                may = user == staff and (record._name, method) in STAFF
                with self.subTest(user=user.login, model=record._name, method=method):
                    arguments = list(ARGUMENTS.get(method, []))
                    if (record._name, method) == ("community.lesson", "answer_questions"):
                        question = record.question_ids
                        arguments = [{question.id: question.choice_ids[0].id}]
                    self.env.invalidate_all()
                    model = self.env[record._name].with_user(user)
                    api_model = getattr(getattr(type(model), method), "_api_model", False)
                    call = [model, method, arguments if api_model else [record.ids, *arguments], {}]
                    if may:
                        call_kw(*call)
                    else:
                        with self.assertRaises(AccessError):
                            call_kw(*call)
