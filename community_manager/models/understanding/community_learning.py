import base64
import logging
from datetime import timedelta

import psycopg2

from odoo import SUPERUSER_ID, api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import ormcache

from ..platform.cursors import own_cursor
from .words import words_of

_logger = logging.getLogger(__name__)

#: kinds of labels that something is learned from
LEARNED = ("sentiment", "intents")
#: weights of so many versions are kept, so that one can go back to them; figures are kept of all
KEPT = 5
#: after so many new labels the next version is not put off until night
AFTER = 50
PARAMETER = "community_manager.learn_after"
#: from so few labels nothing is learned at night, which only would be refused again and again
FEWEST = 20
#: the newest labels that are learned from: what people said years ago gives way to what they say now
MOST = 20_000
#: the nightly run comes again after a day; minutes of delay shall not make it skip one
NIGHT = timedelta(hours=20)


class CommunityLearning(models.Model):
    """What was learned from people's corrections: one record for each attempt, whether it was taken into use or not."""

    _name = "community.learning"
    _description = "Learned Version"
    _inherit = ["mail.thread", "mail.activity.mixin"]
    _order = "id desc"

    name = fields.Char(string="Version", required=True, readonly=True)
    company_id = fields.Many2one("res.company", required=True, readonly=True, index=True, ondelete="cascade")
    state = fields.Selection(
        [
            ("waiting", "Waiting"),
            ("active", "In use"),
            ("previous", "Earlier"),
            ("refused", "Refused"),
            ("broken", "Unreadable"),
        ],
        required=True,
        readonly=True,
        tracking=True,
    )
    learned_at = fields.Datetime(readonly=True, string="Learned")
    reason = fields.Char(readonly=True, help="A code that says why this version was refused.")
    figures = fields.Json(readonly=True, help="What was measured, before and after, and what was learned from.")
    weights = fields.Binary(readonly=True, attachment=True, groups=fields.NO_ACCESS, copy=False)
    has_weights = fields.Boolean(readonly=True, string="Can be used again")
    label_count = fields.Integer(readonly=True, string="Labels")
    person_count = fields.Integer(readonly=True, string="People")
    held_back = fields.Integer(
        readonly=True, string="Held back to test with", help="Labels that nothing was learned from: they test."
    )
    feeling_before = fields.Float(readonly=True, string="Feeling before", aggregator="avg", digits=(16, 1))
    feeling_after = fields.Float(readonly=True, string="Feeling after", aggregator="avg", digits=(16, 1))
    intents_before = fields.Float(readonly=True, string="Intents before", aggregator="avg", digits=(16, 1))
    intents_after = fields.Float(readonly=True, string="Intents after", aggregator="avg", digits=(16, 1))
    shipped_before = fields.Float(readonly=True, string="Shipped test before", aggregator="avg", digits=(16, 1))
    shipped_after = fields.Float(readonly=True, string="Shipped test after", aggregator="avg", digits=(16, 1))

    _in_use = models.UniqueIndex("(company_id) WHERE state = 'active'")

    # -- which version is in use -----------------------------------------------------------------------------------

    @api.model
    @ormcache("company_id")
    def _active(self, company_id):
        """Return ``(key of the weights, attachment id)`` of the version that a company uses, else ``("", False)``.

        The key is made of the weights themselves, so that no two companies or databases of one process share a key
        without sharing the weights.
        """
        version = self.sudo().search([("company_id", "=", company_id), ("state", "=", "active")], limit=1)
        attachment = version._attachment()
        return (attachment.checksum, attachment.id) if attachment else ("", False)

    def _attachment(self):
        return (
            self.env["ir.attachment"]
            .sudo()
            .search(
                [("res_model", "=", self._name), ("res_field", "=", "weights"), ("res_id", "in", self.ids)], limit=1
            )
        )

    @api.model_create_multi
    def create(self, vals_list):
        self.env.registry.clear_cache()
        return super().create(vals_list)

    def write(self, vals):
        if not {"state", "weights"}.isdisjoint(vals):
            self.env.registry.clear_cache()
        return super().write(vals)

    def unlink(self):
        self.env.registry.clear_cache()
        return super().unlink()

    # -- buttons ---------------------------------------------------------------------------------------------------

    @api.model
    def _ensure_manager(self):
        if not self.env.su and not self.env.user.has_group("community_manager.group_manager"):
            raise AccessError(self.env._("Only a community manager decides what is learned."))

    @api.model
    def action_learn_now(self):
        """Learn from all labels in the background, without waiting for the night."""
        self._ensure_manager()
        company = self.env.company
        if not self._label_count(company):
            raise UserError(
                self.env._("There is nothing to learn from yet: correct feeling or intents of some mentions first.")
            )
        if not self._waiting(company):
            self._wait(company)
        return True

    @api.model
    def _wait(self, company):
        """Have the next version of a company learned in the background."""
        self.sudo().create({"name": "…", "company_id": company.id, "state": "waiting"})
        self.env.ref("community_manager.cron_learn").sudo()._trigger()

    def action_use(self):
        """Go back to this version."""
        self.ensure_one()
        self._ensure_manager()
        self.check_access("read")
        version = self.sudo()
        if not version.has_weights or version.state not in ("previous", "active"):
            raise UserError(self.env._("This version cannot be used: it was refused, or is too old to be kept."))
        version._in_use().write({"state": "previous"})
        self.env.flush_all()
        version.state = "active"
        return True

    @api.model
    def action_use_shipped(self):
        """Go back to what the product brings: nothing learned is used until the next version is accepted."""
        self._ensure_manager()
        self.sudo().with_company(self.env.company)._in_use().write({"state": "previous"})
        return True

    def action_open_labels(self):
        """Open what people said."""
        action = self.env["ir.actions.act_window"]._for_xml_id("community_manager.action_labels")
        return {**action, "domain": [("company_id", "in", (self.company_id or self.env.company).ids)]}

    @api.model
    def _waiting(self, company):
        return self.sudo().search([("company_id", "=", company.id), ("state", "=", "waiting")], limit=1)

    def _in_use(self):
        companies = self.company_id or self.env.company
        return self.search([("company_id", "in", companies.ids), ("state", "=", "active")])

    # -- learning --------------------------------------------------------------------------------------------------

    @api.model
    def _after(self):
        """Return after how many new labels the next version is learned at once."""
        value = self.env["ir.config_parameter"].sudo().get_param(PARAMETER) or ""
        return int(value) if value.isdigit() and int(value) else AFTER

    @api.model
    def _label_count(self, company, since=None):
        domain = [("company_id", "=", company.id), ("kind", "in", LEARNED)]
        if since:
            domain.append(("labelled_at", ">=", since))
        return self.env["community.label"].sudo().search_count(domain)

    @api.model
    def _last_attempt(self, company):
        done = [("company_id", "=", company.id), ("learned_at", "!=", False)]
        return self.sudo().search(done, order="learned_at desc", limit=1).learned_at

    @api.model
    def _note_labels(self, company):
        """Begin to learn when enough labels are new."""
        if self._label_count(company, self._last_attempt(company)) >= self._after():
            self.env.ref("community_manager.cron_learn").sudo()._trigger()

    @api.model
    def _is_due(self, company):
        """Return whether there is enough to learn from: asked for, enough new labels, or a night has passed."""
        if self._waiting(company):
            return True
        last = self._last_attempt(company)
        new = self._label_count(company, last)
        if new >= self._after():
            return True
        rested = not last or last < fields.Datetime.now() - NIGHT
        return bool(new) and rested and self._label_count(company) >= FEWEST

    @api.model
    def _cron_learn(self):
        """Learn for each company that has something to learn from."""
        self._check_active()
        due = self.env["res.company"].sudo().search([]).filtered(self._is_due)
        cron = self.env["ir.cron"]
        cron._commit_progress(remaining=len(due))
        for company in due:
            values = self.with_company(company).sudo()._learn(company)
            # learning takes a while: what people decided meanwhile is seen only after this
            cron._commit_progress()
            self.sudo()._keep_attempt(company, values)
            if not cron._commit_progress(1):
                break

    @api.model
    def _learn(self, company):
        """Learn from the labels of a company; return the values of the version that comes of it.

        One company's labels do not keep the others from learning, whatever they provoke.
        """
        from ...analysis.learning import learn

        began = fields.Datetime.now()  # what is said while this goes on is new to the next version
        labels, persons = self._labels(company)
        values = {"learned_at": began, "label_count": len(labels), "person_count": len(persons)}
        current = self.search([("company_id", "=", company.id), ("state", "=", "active")], limit=1)
        try:
            lesson = learn(labels, previous=base64.b64decode(current.weights) if current.weights else None)
        except (MemoryError, psycopg2.Error):
            raise
        except Exception:
            _logger.exception("company %s: nothing was learned", company.id)
            return {**values, "state": "refused", "reason": "error", "figures": {"persons": persons}}
        _logger.info("company %s: version %s: %s", company.id, lesson.version, lesson.reason or "accepted")
        return {
            **values,
            "name": lesson.version,
            "state": "active" if lesson.accepted else "refused",
            "reason": lesson.reason or False,
            "figures": {**lesson.figures, "persons": persons},
            "weights": base64.b64encode(lesson.weights) if lesson.accepted else False,
            "has_weights": lesson.accepted,
            **_measured(lesson.figures),
        }

    @api.model
    def _keep_attempt(self, company, values):
        """Note how an attempt ended, in the record that waits for it if somebody asked."""
        if values["state"] == "active":
            self.with_company(company)._in_use().write({"state": "previous"})
            self.env.flush_all()
        version = self._waiting(company)
        if version:
            version.write(values)
        else:
            version = self.create({"name": "–", "company_id": company.id, **values})
        self._drop_old(company)
        return version

    @api.model
    def _labels(self, company):
        """Return the labels to learn from as the analysis takes them, the oldest first, and how many come from whom.

        What a network has changed since somebody spoke of it is left out: they spoke of another text.

        :rtype: tuple[list, list[dict]]
        """
        from ...analysis.engine import INTENTS
        from ...analysis.learning import Label

        known = frozenset(INTENTS)
        found = self.env["community.label"].search(
            [("company_id", "=", company.id), ("kind", "in", LEARNED), ("mention_id.deleted_at", "=", False)],
            order="labelled_at desc, id desc",
            limit=MOST,
        )
        labels, persons = [], {}
        for label in found:
            mention = label.mention_id
            text = words_of(mention)
            if not text or (mention.edited_at and mention.edited_at > label.labelled_at):
                continue
            value = label.value
            if label.kind == "intents":
                value = frozenset(value.split(",")) & known
            elif not value:
                continue
            person, day = label.user_id.id, label.labelled_at.date().isoformat()
            labels.append(Label(text, mention.language or "", label.kind, value, person, day=day))
            persons[person] = persons.get(person, 0) + 1
        labels.reverse()
        return labels, [
            {"user_id": user, "labels": count} for user, count in sorted(persons.items(), key=lambda entry: -entry[1])
        ]

    @api.model
    def _drop_old(self, company):
        """Keep the weights of the last versions only, and of the one in use."""
        kept = self.search([("company_id", "=", company.id), ("has_weights", "=", True)])
        (kept[KEPT:].filtered(lambda version: version.state != "active")).write(
            {"weights": False, "has_weights": False}
        )

    # -- reading ---------------------------------------------------------------------------------------------------

    @api.model
    def _load(self, attachment_id):
        """Return the weights of an attachment as bytes."""
        return self.env["ir.attachment"].sudo().browse(attachment_id).raw or b""

    @api.model
    def _note_broken(self, company, problem):
        """Stop using a version whose weights cannot be read, tell the administrators, and have the next one learned.

        They may be damaged, or come from an earlier release of the product that read texts by other features.

        In a transaction of its own: who finds out may only be reading.
        """
        _logger.error("company %s: weights cannot be read: %s", company.id, problem)
        with own_cursor(self.env) as cr:
            env = api.Environment(cr, SUPERUSER_ID, {})
            versions = env[self._name].search([("company_id", "=", company.id), ("state", "=", "active")])
            versions.write({"state": "broken", "has_weights": False})
            for version in versions:
                version._tell_administrators()
            if versions and not env[self._name]._waiting(company):
                env[self._name]._wait(company)

    def _tell_administrators(self):
        self.ensure_one()
        kind = "community_manager.activity_learning"
        group = self.env.ref("community_manager.group_admin")
        users = group.all_user_ids.filtered(
            lambda user: user.active and not user.share and self.company_id in user.company_ids
        )
        for user in users - self.env.ref("base.user_root"):
            reader = self.with_context(lang=user.lang)
            reader.activity_schedule(
                kind,
                summary=reader.env._("What was learned cannot be read"),
                note=reader.env._(
                    "The weights of version %s are damaged or come from an earlier release, so what the product brings "
                    "is used until the next version is learned.",
                    self.name,
                ),
                user_id=user.id,
            )

    @api.model
    def _check_active(self):
        """Find weights that have been lost or damaged before somebody needs them."""
        for version in self.sudo().search([("state", "=", "active")]):
            self.env["community.analyst"].sudo()._analyst(version.company_id)


def _measured(figures):
    """Return the values that are shown over time, in points from 0 to 100, of the figures of a lesson."""
    values = {"held_back": figures.get("held_back", 0)}
    for field, part, kind in (
        ("feeling_before", "before", "sentiment"),
        ("feeling_after", "after", "sentiment"),
        ("intents_before", "before", "intents"),
        ("intents_after", "after", "intents"),
        ("shipped_before", "shipped_before", "sentiment"),
        ("shipped_after", "shipped_after", "sentiment"),
    ):
        values[field] = (figures.get(part) or {}).get(kind) or 0.0
    return values
