from odoo import fields
from odoo.exceptions import AccessError
from odoo.tests import tagged
from odoo.tools import mute_logger

from odoo.addons.community_manager.connectors.items import Figures

from .common import CommunityCase, item

#: what each role may do beyond the role before it: r(ead), w(rite), c(reate), u(nlink)
LADDER = {
    "community.network": ("r", "r", "r"),
    "community.channel": ("r", "r", "rwcu"),
    "community.channel.usage": ("r", "r", "r"),
    "community.channel.figure": ("r", "r", "r"),
    "community.authorization": ("", "", ""),
    "community.topic": ("r", "rwcu", "rwcu"),
    "community.keyword": ("r", "rwcu", "rwcu"),
    "community.author": ("rw", "rw", "rwu"),
    "community.conversation": ("rw", "rw", "rw"),
    "community.mention": ("rw", "rw", "rwu"),
    "community.mention.version": ("r", "r", "r"),
    "community.intent": ("r", "rw", "rw"),
    "community.fingerprint": ("", "", ""),
    "community.search": ("", "", ""),
    "community.daily": ("r", "r", "r"),
    "community.daily.stale": ("", "", ""),
    "community.term": ("r", "r", "r"),
    "community.term.source": ("", "", ""),
    "community.rising": ("r", "r", "r"),
    "community.sample": ("", "r", "r"),
    "community.label": ("r", "r", "r"),
    "community.learning": ("", "r", "r"),
    "community.reanalyse": ("", "rwcu", "rwcu"),
    "community.reputation": ("r", "r", "r"),
    "community.quarantine": ("", "r", "rwu"),
    "community.push": ("", "", "ru"),
    "community.department": ("r", "rwcu", "rwcu"),
    "community.rule": ("r", "rwcu", "rwcu"),
    "community.defence": ("rw", "rw", "rw"),
    "community.participation": ("r", "rwcu", "rwcu"),
    "community.participation.rule": ("r", "rwcu", "rwcu"),
    "community.moderation.record": ("r", "rw", "rw"),
    "community.rule.action": ("r", "rwcu", "rwcu"),
    "community.rule.pace": ("", "", ""),
    "community.rule.trace": ("", "", ""),
    "community.handoff": ("rwc", "rwcu", "rwcu"),
    "community.reply": ("rwcu", "rwcu", "rwcu"),
    "community.hold": ("r", "rwcu", "rwcu"),
    "community.response.policy": ("r", "rwcu", "rwcu"),
    "community.response.step": ("r", "rwcu", "rwcu"),
    "community.response.done": ("", "", ""),
    "community.response": ("r", "r", "r"),
    "community.response.report": ("r", "r", "r"),
    "community.close.reason": ("r", "rwcu", "rwcu"),
    "community.presence": ("", "", ""),
    "community.focus": ("r", "r", "r"),
    "community.workload": ("", "r", "r"),
    "community.feedback": ("rwc", "rwcu", "rwcu"),
    "community.feedback.answer": ("r", "r", "r"),
    "community.secret": ("", "", ""),
    "community.import": ("", "rwcu", "rwcu"),
    "community.import.column": ("", "rwcu", "rwcu"),
    "community.import.reject": ("", "ru", "ru"),
    "community.template": ("r", "rwcu", "rwcu"),
    "community.template.line": ("r", "rwcu", "rwcu"),
    "community.answer": ("rwc", "rwcu", "rwcu"),
    "community.answer.line": ("rwcu", "rwcu", "rwcu"),
    "community.answer.tag": ("r", "rwcu", "rwcu"),
    "community.answer.words": ("", "", ""),
    "community.sensitive": ("r", "rwcu", "rwcu"),
    "community.approval": ("rw", "rw", "rw"),
    "community.approval.rule": ("r", "rwcu", "rwcu"),
    "community.guideline": ("r", "rwcu", "rwcu"),
    "community.guideline.version": ("r", "r", "r"),
    "community.guideline.read": ("r", "r", "r"),
    "community.lesson": ("r", "rwcu", "rwcu"),
    "community.lesson.question": ("", "rwcu", "rwcu"),
    "community.lesson.choice": ("", "rwcu", "rwcu"),
    "community.lesson.result": ("r", "r", "r"),
    "community.ask": ("rwc", "rwcu", "rwcu"),
    "community.watch": ("r", "rwcu", "rwcu"),
    "community.alert": ("r", "rw", "rw"),
    "community.crisis": ("r", "rwcu", "rwcu"),
    "community.crisis.role": ("r", "rwcu", "rwcu"),
    "community.crisis.member": ("r", "rwcu", "rwcu"),
    "community.crisis.task": ("r", "rwcu", "rwcu"),
    "community.crisis.statement": ("r", "rwcu", "rwcu"),
    "community.crisis.stakeholder": ("r", "rwcu", "rwcu"),
    "community.crisis.event": ("r", "rc", "rc"),
    "community.date": ("rwcu", "rwcu", "rwcu"),
    "community.privacy.log": ("", "r", "r"),
    "community.kept.out": ("", "", "ru"),
    "community.retention": ("", "r", "rw"),
    "community.tie": ("r", "r", "r"),
    "community.tie.stale": ("", "", ""),
    "community.tie.state": ("", "", ""),
    "community.influence": ("r", "r", "r"),
    "community.playbook": ("r", "rwcu", "rwcu"),
    "community.playbook.member": ("r", "rwcu", "rwcu"),
    "community.playbook.task": ("r", "rwcu", "rwcu"),
    "community.playbook.statement": ("r", "rwcu", "rwcu"),
    "community.transaction": ("", "r", "r"),
    "community.purchase": ("", "rwcu", "rwcu"),
    "community.score": ("r", "r", "r"),
    "community.score.change": ("r", "r", "r"),
    "community.score.stale": ("", "", ""),
    "community.score.basis": ("", "r", "r"),
    "community.segment": ("r", "rwcu", "rwcu"),
    "community.alarm": ("r", "rwcu", "rwcu"),
    "community.alarm.event": ("rw", "rw", "rw"),
    "community.purpose": ("r", "rwcu", "rwcu"),
    "community.contact.policy": ("r", "rwcu", "rwcu"),
    "community.contact.limit": ("r", "rwcu", "rwcu"),
    "community.touch": ("r", "r", "r"),
    "community.touch.window": ("", "", ""),
    "community.consent": ("rwc", "rwcu", "rwcu"),
    "community.consent.event": ("r", "r", "r"),
    "community.handle": ("rwcu", "rwcu", "rwcu"),
    "community.match": ("r", "r", "r"),
    "community.match.link": ("r", "r", "r"),
    "community.identity.key": ("", "", ""),
    "community.person.stale": ("", "", ""),
    "community.lifecycle": ("r", "r", "r"),
    "community.lifecycle.step": ("r", "r", "r"),
    "community.lifecycle.funnel": ("r", "r", "r"),
    "community.journey": ("r", "rwcu", "rwcu"),
    "community.moment": ("r", "rwcu", "rwcu"),
    "community.factor": ("r", "rwcu", "rwcu"),
    "community.moment.budget": ("r", "rwcu", "rwcu"),
    "community.position": ("r", "r", "r"),
    "community.position.stale": ("", "", ""),
    "community.zone.daily": ("r", "r", "r"),
    "community.campaign": ("r", "rwcu", "rwcu"),
    "community.campaign.step": ("r", "rwcu", "rwcu"),
    "community.campaign.text": ("r", "rwcu", "rwcu"),
    "community.campaign.variant": ("r", "rwcu", "rwcu"),
    "community.campaign.version": ("r", "r", "r"),
    "community.campaign.person": ("r", "r", "r"),
    "community.campaign.action": ("r", "r", "r"),
    "community.campaign.signal": ("", "", ""),
    "community.campaign.result": ("r", "r", "r"),
    "community.influencer.stage": ("r", "rwcu", "rwcu"),
    "community.influencer": ("rwc", "rwcu", "rwcu"),
    "community.influencer.result": ("r", "r", "r"),
    "community.collaboration": ("rwc", "rwcu", "rwcu"),
    "community.compensation": ("r", "rwcu", "rwcu"),
    "community.badge": ("r", "rwcu", "rwcu"),
    "community.recognition": ("r", "rwu", "rwu"),
    "community.candidate": ("r", "r", "r"),
    "community.share.kit": ("r", "rwcu", "rwcu"),
    "community.share.text": ("r", "rwcu", "rwcu"),
    "community.referral": ("rwc", "rwc", "rwc"),
}
#: what employees without a role may do: nothing else of this is theirs, and records only as far as the rules below say
STAFF = {
    "community.network": "r",  # the names of networks are no secret
    "community.guideline": "r",  # what was published
    "community.guideline.version": "r",
    "community.guideline.read": "r",  # their own
    "community.lesson": "r",  # what was published
    "community.lesson.result": "r",  # their own
    "community.ask": "rwc",  # their own
    "community.handoff": "rw",  # what their department was handed, see test_handoff_rights
}
OPERATIONS = {"r": "read", "w": "write", "c": "create", "u": "unlink"}


@tagged("post_install", "-at_install")
class TestRights(CommunityCase):
    """Who may do what, and that companies see only what is theirs."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.elsewhere = cls.env["res.company"].create({"name": "Elsewhere"})
        cls.channel = cls.make_channel("Here")
        cls.other = cls.make_channel("There", company_id=cls.elsewhere.id)
        cls.stranger = cls._new_user("stranger", "base.group_user")
        cls.portal = cls._new_user("portal", "base.group_portal")

    def our_models(self):
        """Return the models of this addon that have a table and are not of a moment."""
        return sorted(
            name
            for name, model in self.registry.items()
            if name.startswith("community.")
            and model._module == "community_manager"
            and not model._abstract
            and not model._transient
        )

    def test_every_model_stands_in_the_ladder(self):
        """A new model must say who may do what with it."""
        self.assertEqual(set(self.our_models()) - set(LADDER), set())

    def test_ladder(self):
        """Agent, manager and administrator may do what the ladder says and nothing else."""
        for name, roles in LADDER.items():
            for user, allowed in zip((self.agent, self.manager, self.admin), roles, strict=True):
                for letter, operation in OPERATIONS.items():
                    with self.subTest(model=name, user=user.login, operation=operation):
                        may = self.env[name].with_user(user).has_access(operation)
                        self.assertEqual(may, letter in allowed)

    def test_others(self):
        """Other employees read guidelines and lessons and ask; portal users have no part in it."""
        for name in LADDER:
            for user in (self.stranger, self.portal, self.env.ref("base.public_user")):
                allowed = STAFF.get(name, "") if user == self.stranger else ""
                for letter, operation in OPERATIONS.items():
                    with self.subTest(model=name, user=user.login, operation=operation):
                        may = self.env[name].with_user(user).has_access(operation)
                        self.assertEqual(may, letter in allowed)

    def test_roles_imply_each_other(self):
        """An administrator is a manager is an agent."""
        self.assertTrue(self.admin.has_group("community_manager.group_manager"))
        self.assertTrue(self.manager.has_group("community_manager.group_agent"))
        self.assertFalse(self.manager.has_group("community_manager.group_admin"))
        self.assertFalse(self.agent.has_group("community_manager.group_manager"))

    def _fill(self):
        """Put at least one record of the other company into every model that has a company."""
        self.make_topic("There", "acme", company_id=self.elsewhere.id)
        env = self.env(context={**self.env.context, "allowed_company_ids": self.elsewhere.ids})
        self.ingest(self.other, item("1", text="Acme first"))
        self.ingest(self.other, item("1", text="Acme second"))
        self.env["community.fingerprint"].create(
            {"mention_id": self.mentions(self.other)[:1].id, "company_id": self.elsewhere.id}
            | {"published_at": fields.Datetime.now()}
        )
        self._fill_reports()
        self.elsewhere.community_sample_share = 100
        self.ingest(self.other, item("3", text="Nothing of ours", origin="search"))
        self.env["community.channel.usage"]._count(self.other, requests=1)
        self.env["community.channel.figure"]._keep(self.other, fields.Date.today(), Figures(followers=5))
        self.env["community.quarantine"]._keep(self.other, item("2"), "bad")
        self.env["community.push"]._receive(self.other, {}, b"{}", "d1")
        self.env["community.learning"].create({"name": "There", "company_id": self.elsewhere.id, "state": "refused"})
        env["community.reanalyse"].create({"company_id": self.elsewhere.id})
        env["community.department"].create({"name": "There", "company_id": self.elsewhere.id})
        env["community.close.reason"].create({"name": "There", "company_id": self.elsewhere.id})
        self._fill_work(env, self.mentions(self.other)[:1])
        rule = env["community.rule"].create({"name": "There", "company_id": self.elsewhere.id})
        env["community.rule.action"].create({"rule_id": rule.id, "kind": "assign_turn"})
        env["community.hold"].create({"name": "There", "company_id": self.elsewhere.id})
        env["community.response.policy"].create(
            {"name": "There", "company_id": self.elsewhere.id, "first_target": 1, "step_ids": [(0, 0, {"after": 5})]}
        )
        department = env["community.department"].search([("company_id", "=", self.elsewhere.id)], limit=1)
        env["community.handoff"].create(
            {"company_id": self.elsewhere.id, "department_id": department.id, "asked": "There"}
        )
        mention = self.mentions(self.other)[:1]
        self.env["community.response"]._record_answers_to(mention)
        entry = env["community.feedback"].create({"name": "There", "company_id": self.elsewhere.id})
        env["community.feedback.answer"].create(
            {"feedback_id": entry.id, "decision": "done", "author_id": mention.author_id.id}
        )
        self.env["community.response.done"].create(
            {"company_id": self.elsewhere.id, "mention_id": mention.id, "question": "q", "step": 0}
            | {"done_at": fields.Datetime.now()}
        )
        self._fill_conduct(env, mention)
        self._fill_crisis(env)
        self._fill_purchases(env)
        self._fill_journey(env)
        self._fill_contact(env)
        self._fill_people(env, mention)
        env["community.label"]._keep(mention, "sentiment", {mention.id: "negative"}, {mention.id: "neutral"})
        env["community.reply"].create({"mention_id": mention.id, "company_id": self.elsewhere.id, "text": "There"})
        imported = env["community.import"].create(
            {"company_id": self.elsewhere.id, "file": b"dGV4dAphY21lCg==", "filename": "a.csv"}
        )
        env["community.import.reject"].create({"import_id": imported.id, "number": 2, "cells": "[]"})
        self._fill_knowledge(env, mention)
        self._fill_campaigns()
        self._fill_relations(env, mention)
        self._fill_identity(env, mention)
        self._fill_influence(mention)
        self.env.flush_all()

    def _fill_influence(self, mention):
        """Put a tie of the other company, and what follows from it."""
        theirs, author = {"company_id": self.elsewhere.id}, mention.author_id
        heard = author.copy({"external_id": "heard"})
        tie = {"source_id": author.id, "target_id": heard.id, "kind": "reply", "last_at": fields.Datetime.now()}
        self.env["community.tie"].create({**theirs, **tie})
        self.env["community.influence"].create({**theirs, "author_id": heard.id, "score": 1})
        self.env["community.tie.stale"].create({**theirs, "author_id": author.id})
        self.env["community.tie.state"].create(theirs)

    def _fill_knowledge(self, env, mention):
        """Put something of the other company into what helps to answer, and into what staff learns from."""
        theirs = {"company_id": self.elsewhere.id}
        lines = [(0, 0, {"text": "Allí", "language": "es"})]
        env["community.template"].create({**theirs, "name": "There", "text": "There", "line_ids": lines})
        env["community.answer"].create(
            {**theirs, "question": "Where?", "text": "There", "line_ids": lines, "state": "published"}
        )
        env["community.answer.tag"].create({**theirs, "name": "There"})
        env["community.sensitive"].create({**theirs, "name": "There", "keywords": "there"})
        env["community.approval.rule"].create({**theirs, "name": "There"})
        env["community.reply"].search([("mention_id", "=", mention.id)], limit=1)._ask_approval(["There"])
        guideline = env["community.guideline"].create({**theirs, "name": "There", "draft": "<p>There</p>"})
        guideline.action_publish()
        guideline.action_confirm()
        choice = (0, 0, {"name": "There", "is_right": True})
        question = (0, 0, {"name": "Where?", "choice_ids": [choice, (0, 0, {"name": "Here"})]})
        lesson = env["community.lesson"].create({**theirs, "name": "There", "question_ids": [question]})
        lesson.action_publish()
        lesson.answer_questions({lesson.question_ids.id: lesson.question_ids.choice_ids[0].id})
        env["community.ask"].create({**theirs, "question": "Where?"})

    def _fill_identity(self, env, mention):
        """Put a contact of the other company that is linked, with a handle and a stage."""
        theirs = {"company_id": self.elsewhere.id}
        partner = env["res.partner"].create({**theirs, "name": "There"})
        env["community.handle"].create({"partner_id": partner.id, "network": "toy", "handle": "@there"})
        pair = env["community.match"].create({**theirs, "author_id": mention.author_id.id, "partner_id": partner.id})
        now = fields.Datetime.now()
        env["community.match.link"].create({**theirs, "match_id": pair.id, "linked_at": now})
        person = {**theirs, "partner_id": partner.id, "stage": "market"}
        env["community.lifecycle"].create(person)
        env["community.lifecycle.step"].create({**person, "date": now, "reason": "contact"})

    def _fill_work(self, env, mention):
        """Put somebody of the other company before a mention, in a focus session."""
        company = {"company_id": self.elsewhere.id, "user_id": self.stranger.id}
        now = fields.Datetime.now()
        env["community.presence"].create({**company, "mention_id": mention.id, "seen_at": now})
        env["community.focus"].create({**company, "started_at": now})

    def _fill_conduct(self, env, mention):
        """Put rules for taking part, and what was done by them, into the other company."""
        rules = env["community.participation"].create(
            {
                "name": "There",
                "slug": "there",
                "company_id": self.elsewhere.id,
                "rule_ids": [(0, 0, {"title": "There"})],
            }
        )
        records = self.env["community.moderation.record"]
        records.create({**records._values_of(mention), "rule_id": rules.rule_ids.id, "action": "hide"})
        defence = {"mention_id": mention.id, "asked_id": mention.id, "author_id": mention.author_id.id}
        self.env["community.defence"].create({**defence, "company_id": self.elsewhere.id, "kind": "answered"})

    def _fill_crisis(self, env):
        """Put a crisis of the other company, with all that belongs to one."""
        theirs = {"name": "There", "company_id": self.elsewhere.id}
        lines = {
            "member_ids": [(0, 0, {"role_id": self.env.ref("community_manager.role_legal").id})],
            "task_ids": [(0, 0, {"name": "There"})],
            "statement_ids": [(0, 0, {"name": "There", "text": "There"})],
        }
        env["community.playbook"].create({**theirs, **lines})
        watch = env["community.watch"].create(theirs)
        alert = {"watch_id": watch.id, "company_id": self.elsewhere.id, "kind": "volume"}
        now = fields.Datetime.now()
        env["community.alert"].create({**alert, "moment": now, "seen_at": now})
        people = [(0, 0, {"email": "there@example.com"})]
        env["community.crisis"].create({**theirs, **lines, "stakeholder_ids": people})

    def _fill_people(self, env, mention):
        """Put a date of somebody into the other company, and somebody who is kept out."""
        person = env["res.partner"].create({"name": "There"})
        env["community.date"].create({"company_id": self.elsewhere.id, "partner_id": person.id, "day": 1, "month": "1"})
        env["community.privacy.log"]._note(self.elsewhere, "shown", "there")
        env["community.kept.out"]._keep_out(mention.author_id, "there")
        env["community.retention"]._sync(self.elsewhere)

    def _fill_journey(self, env):
        """Put a customer of the other company on its journey."""
        journey = env["community.journey"].create({"name": "There", "company_id": self.elsewhere.id})
        moment = env["community.moment"].create(
            {"name": "There", "journey_id": journey.id, "factor_ids": [(0, 0, {"name": "There"})]}
        )
        theirs = {"company_id": self.elsewhere.id, "journey_id": journey.id, "zone": "late"}
        person = env["res.partner"].create({"name": "There"})
        env["community.position"].create(
            {**theirs, "moment_id": moment.id, "partner_id": person.id, "key": "o1", "since": fields.Datetime.now()}
        )
        self.env["community.position.stale"].create({"company_id": self.elsewhere.id, "partner_id": person.id})
        env["community.moment.budget"].create({"moment_id": moment.id, "week": "2026-06-15"})
        env["community.zone.daily"].create({**theirs, "zone": "satisfied", "day": "2026-06-15"})
        campaign = env["community.campaign"].create({"name": "There", "company_id": self.elsewhere.id})
        env["community.campaign.result"].create({"campaign_id": campaign.id, "group": "all"})

    def _fill_relations(self, env, mention):
        """Put somebody whom the other company cares for, with what it does together with them."""
        theirs = {"company_id": self.elsewhere.id}
        person = env["community.influencer"].create({**theirs, "author_ids": [(6, 0, mention.author_id.ids)]})
        env["community.collaboration"].create({"name": "There", "influencer_id": person.id})
        env["community.compensation"].create({"name": "There", "influencer_id": person.id, "amount": 1})
        env["community.recognition"].create({**theirs, "influencer_id": person.id})
        env["community.candidate"].create({**theirs, "key": "there"})
        texts = [(0, 0, {"text": "There"})]
        kit = env["community.share.kit"].create({**theirs, "name": "There", "url": "/there", "line_ids": texts})
        kit._give(person)

    def _fill_purchases(self, env):
        """Let a customer of the other company buy, change segment and set off an alarm."""
        theirs = {"company_id": self.elsewhere.id}
        buyer = env["res.partner"].create({"name": "There"})
        env["community.purchase"].create({**theirs, "name": "There", "partner_id": buyer.id, "amount": 1})
        env["community.score"]._refresh(self.elsewhere)
        self.env["community.score.stale"].create({**theirs, "partner_ref": buyer.id})
        segment = env["community.segment"].create({**theirs, "name": "There"})
        moved = {**theirs, "partner_id": buyer.id, "to_segment_id": segment.id, "moment": fields.Datetime.now()}
        self.env["community.score.change"].create(moved)
        alarm = env["community.alarm"].create({**theirs, "name": "There", "kind": "first_purchase"})
        alarm._find()

    def _fill_campaigns(self):
        """Put a campaign of the other company, with somebody in it."""
        steps = [(0, 0, {"kind": "note", "note": "There", "text_ids": [(0, 0, {"text": "There"})]})]
        campaign = self.env["community.campaign"].create(
            {
                "name": "There",
                "company_id": self.elsewhere.id,
                "step_ids": steps,
                "variant_ids": [(0, 0, {"name": "A"})],
            }
        )
        partner = self.env["res.partner"].create({"name": "Person there"})
        person = self.env["community.campaign.person"].create(
            {"campaign_id": campaign.id, "partner_id": partner.id, "version_id": campaign._new_version().id}
        )
        self.env["community.campaign.action"].create({"person_id": person.id, "step_id": campaign.step_ids.id})
        self.env["community.campaign.signal"].create({"campaign_id": campaign.id, "partner_id": partner.id})

    def _fill_reports(self):
        """Put something of the other company into the reports."""
        day = {"company_id": self.elsewhere.id, "day": fields.Date.today()}
        term = {"kind": "word", "term": "acme", "shown": "Acme"}
        self.env["community.daily"].create({**day, "network": "toy", "mentions": 1})
        self.env["community.daily.stale"].create(day)
        self.env["community.term"].create({**day, **term, "count": 1})
        self.env["community.rising"].create({**day, **term})
        self.env.flush_all()

    def test_companies(self):
        """Records of another company are invisible and untouchable, in every model that has a company."""
        self._fill()
        names = [name for name in self.our_models() if "company_id" in self.env[name]._fields]
        self.assertIn("community.mention", names)
        self.assertIn("community.mention.version", names)
        for name in names:
            theirs = self.env[name].with_context(active_test=False).search([("company_id", "=", self.elsewhere.id)])
            with self.subTest(model=name):
                self.assertTrue(theirs, "the test must have something to hide")
                for user in (self.agent, self.manager, self.admin):
                    model = self.env[name].with_user(user).with_context(active_test=False)
                    if not model.has_access("read"):
                        continue
                    self.assertFalse(model.search([("id", "in", theirs.ids)]))
                    with self.assertRaises(AccessError), mute_logger("odoo.addons.base.models.ir_rule"):
                        theirs.with_user(user).read(["company_id"])
                    for operation in ("write", "unlink"):
                        if model.has_access(operation):
                            self.assertFalse(theirs.with_user(user).has_access(operation))

    def test_member_of_both(self):
        """Who works for both companies sees what the company menu says."""
        self._fill()
        self.agent.company_ids |= self.elsewhere
        mentions = self.env["community.mention"].with_user(self.agent)
        theirs = self.mentions(self.other)
        self.assertFalse(mentions.with_context(allowed_company_ids=self.company.ids).search([("id", "in", theirs.ids)]))
        both = (self.company | self.elsewhere).ids
        self.assertEqual(mentions.with_context(allowed_company_ids=both).search([("id", "in", theirs.ids)]), theirs)

    def test_buttons_of_others(self):
        """No button works on what one may not see."""
        self._fill()
        quarantine = self.env["community.quarantine"].search([("company_id", "=", self.elsewhere.id)])
        push = self.env["community.push"].search([("company_id", "=", self.elsewhere.id)])
        mention = self.mentions(self.other)
        calls = [
            (self.other, "action_start"),
            (self.other, "action_pause"),
            (self.other, "action_listen_now"),
            (self.other, "action_check"),
            (self.other, "action_new_key"),
            (self.other, "action_authorise"),
            (self.other, "action_load_choices"),
            (self.other, "action_delete"),
            (quarantine, "action_retry"),
            (quarantine, "action_drop"),
            (push, "action_retry"),
            (mention, "action_done"),
            (mention, "action_assign_to_me"),
            (mention, "action_moderate"),
            (mention.author_id, "action_look_up"),
        ]
        for records, button in calls:
            for user in (self.admin, self.stranger, self.portal):
                with self.subTest(model=records._name, button=button, user=user.login):
                    with self.assertRaises(AccessError), mute_logger("odoo.addons.base.models.ir_rule"):
                        getattr(records.with_user(user), button)()

    def test_channel_buttons(self):
        """Agents may have a channel read now; connecting and pausing is for administrators."""
        for user in (self.agent, self.manager):
            channel = self.channel.with_user(user)
            channel.action_listen_now()
            for button in ("action_start", "action_pause", "action_check", "action_new_key"):
                with self.subTest(user=user.login, button=button), self.assertRaises(AccessError):
                    getattr(channel, button)()

    def test_agent_works(self):
        """An agent can do the daily work with these rights alone."""
        self.ingest(self.channel, item("1"))
        mention = self.mentions(self.channel).with_user(self.agent)
        mention.action_assign_to_me()
        self.assertEqual((mention.user_id, mention.state), (self.agent, "open"))
        mention.message_post(body="Looking into it")
        mention.author_id.partner_id = self.env["res.partner"].create({"name": "Ann"})
        mention.action_done()
        self.assertEqual(mention.conversation_id.state, "closed")
        mention.read()
        self.channel.with_user(self.agent).read()
        with self.assertRaises(AccessError):
            mention.unlink()

    def _fill_contact(self, env):
        """Put a policy, a touch with its reservation and a consent of somebody into the other company."""
        theirs = {"company_id": self.elsewhere.id}
        person = self.env["res.partner"].create({"name": "There"})
        env["community.contact.policy"].create({**theirs, "limit_ids": [(0, 0, {"most": 1})]})
        env["community.touch"]._note([{**theirs, "partner_id": person.id, "medium": "call", "source": ("x", 1)}])
        self.env["community.touch.window"].create({**theirs, "partner_id": person.id})
        env["community.consent"].create({**theirs, "partner_id": person.id})

    def test_mentions_are_not_made_by_hand(self):
        """Mentions and what they say come from networks only; agents decide what happens with them."""
        with self.assertRaises(AccessError):
            self.env["community.mention"].with_user(self.admin).create({"text": "x"})
