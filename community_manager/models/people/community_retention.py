import logging

from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Domain

from ..listening.community_mention import GONE_BECAUSE

_logger = logging.getLogger(__name__)

#: records that are emptied between two commits
BATCH = 200
#: what is not emptied yet, by kind
NOT_EMPTIED = {
    "mentions": [("state", "in", ("done", "ignored")), ("deleted_at", "=", False)],
    "profiles": [("partner_id", "=", False), ("erased_at", "=", False)],
    "answers": [("state", "=", "sent"), ("emptied", "=", False)],
    "handoffs": [("state", "in", ("told", "closed")), ("emptied", "=", False)],
    "quarantine": [],
    "moderation": ["|", ("said", "!=", False), ("appeal_text", "!=", False)],
    "touches": [("state", "!=", "reserved"), "|", ("text", "!=", False), ("reason", "!=", False)],
}
#: what each kind keeps when nobody has decided, in months
MONTHS = 24


class CommunityRetention(models.Model):
    """How long a company keeps one kind of data of people.  Off until somebody has seen what it would remove."""

    _name = "community.retention"
    _description = "Retention"
    _order = "company_id, sequence, id"
    _rec_name = "kind"

    company_id = fields.Many2one("res.company", required=True, readonly=True, index=True, ondelete="cascade")
    kind = fields.Selection(selection="_selection_kind", required=True, readonly=True, string="Data")
    sequence = fields.Integer(readonly=True)
    what = fields.Char(compute="_compute_what", string="What is removed")
    months = fields.Integer(required=True, default=MONTHS, aggregator=None, help="Months for which it is kept.")
    running = fields.Boolean(readonly=True, string="On", help="Every night what is older is removed.")
    due = fields.Integer(
        compute="_compute_due",
        string="Would go now",
        aggregator=None,
        help="How many records are older than that today.",
    )
    oldest_at = fields.Datetime(compute="_compute_due", string="Oldest")
    last_run_at = fields.Datetime(readonly=True, string="Last run")
    removed = fields.Integer(readonly=True, string="Removed so far")

    _once = models.UniqueIndex("(company_id, kind)")
    _months = models.Constraint("CHECK (months >= 1)", "Data are kept for at least one month.")

    @api.model
    def _kinds(self):
        """Return what can have its time; rooms extend this with what they keep.

        :returns: ``{code: dict}`` with ``label`` and ``what`` (translated), ``model``, ``moment`` (name of a datetime
            field), ``domain`` (of what is not emptied yet) and ``empty`` (a method that takes the records, as
            superuser, and removes what is to go; afterwards they are outside of the domain)
        """
        return {
            "mentions": {
                "label": self.env._("Mentions"),
                "what": self.env._("Texts, pictures and links of finished mentions; figures stay."),
                "model": "community.mention",
                "moment": "published_at",
                "domain": NOT_EMPTIED["mentions"],
                "empty": self._empty_mentions,
            },
            "profiles": {
                "label": self.env._("Profiles without contact"),
                "what": self.env._("Name, handle and everything of profiles that have said nothing since."),
                "model": "community.author",
                "moment": "write_date",
                "domain": NOT_EMPTIED["profiles"],
                "empty": self._empty_profiles,
            },
            "answers": {
                "label": self.env._("Our answers"),
                "what": self.env._("Texts of answers that were sent; that and when we answered stays."),
                "model": "community.reply",
                "moment": "sent_at",
                "domain": NOT_EMPTIED["answers"],
                "empty": self._empty_answers,
            },
            "handoffs": {
                "label": self.env._("Hand-offs"),
                "what": self.env._("What was asked and answered in hand-offs that are over."),
                "model": "community.handoff",
                "moment": "create_date",
                "domain": NOT_EMPTIED["handoffs"],
                "empty": self._empty_handoffs,
            },
            "quarantine": {
                "label": self.env._("Quarantine"),
                "what": self.env._("Items that could not be stored, and deliveries that failed."),
                "model": "community.quarantine",
                "moment": "create_date",
                "domain": NOT_EMPTIED["quarantine"],
                "empty": lambda records: records.unlink(),
            },
            "moderation": {
                "label": self.env._("Moderation"),
                "what": self.env._("Quotations and appeals; what was done by which rule stays."),
                "model": "community.moderation.record",
                "moment": "create_date",
                "domain": NOT_EMPTIED["moderation"],
                "empty": lambda records: records._erase_said(),
            },
            "touches": {
                "label": self.env._("Touches"),
                "what": self.env._("Subjects and reasons of contacts with people; that and when there was one stays."),
                "model": "community.touch",
                "moment": "moment",
                "domain": NOT_EMPTIED["touches"],
                "empty": self._empty_touches,
            },
        }

    @api.model
    def _selection_kind(self):
        return [(code, kind["label"]) for code, kind in self._kinds().items()]

    @api.depends("kind")
    @api.depends_context("lang")
    def _compute_what(self):
        kinds = self._kinds()
        for one in self:
            one.what = kinds.get(one.kind, {}).get("what", "")

    @api.depends("kind", "months", "running")
    def _compute_due(self):
        for one in self:
            kind, domain = one._work()
            # sudo: a number, for those who decide how long things are kept
            records = self.env[kind["model"]].sudo().with_context(active_test=False)
            one.due = records.search_count(domain)
            oldest = records.search(domain, order=f"{kind['moment']}, id", limit=1)
            one.oldest_at = oldest[kind["moment"]] if oldest else False

    def _work(self):
        """Return the kind and the domain of what is older than its time."""
        self.ensure_one()
        kind = self._kinds()[self.kind]
        before = fields.Datetime.now() - relativedelta(months=self.months)
        domain = Domain("company_id", "=", self.company_id.id) & Domain(kind["domain"])
        domain &= Domain(kind["moment"], "<", before)
        if self.kind == "profiles":
            domain &= ~Domain("mention_ids", "any", [("published_at", ">=", before)])
        return kind, domain

    def write(self, vals):
        if not self.env.su and set(vals) - {"months"}:
            raise AccessError(self.env._("Retention is switched by its buttons."))
        if not self.env.su and "months" in vals and any(one.running for one in self):
            raise UserError(self.env._("Switch it off first, and look at what the new time would remove."))
        return super().write(vals)

    # -- screen -------------------------------------------------------------------------------------------------------

    @api.model
    def action_open(self):
        """Open how long the companies of this user keep what."""
        self.browse().check_access("write")
        self._sync(self.env.companies)
        return self.env["ir.actions.act_window"]._for_xml_id("community_manager.action_retention")

    @api.model
    def _sync(self, companies):
        """Give companies a line for each kind of data, all of them off."""
        known = {(one.company_id.id, one.kind) for one in self.sudo().search([("company_id", "in", companies.ids)])}
        self.sudo().create(
            [
                {"company_id": company.id, "kind": kind, "sequence": index}
                for company in companies
                for index, kind in enumerate(self._kinds())
                if (company.id, kind) not in known
            ]
        )

    def action_show(self):
        """Show the records that would be emptied now."""
        self.ensure_one()
        self.check_access("read")
        kind, domain = self._work()
        return self.env["community.author"]._list_action(kind["label"], kind["model"], list(domain))

    def action_start(self):
        """Remove what is older from tonight on."""
        self.check_access("write")
        self.sudo().running = True

    def action_stop(self):
        """Remove nothing any more."""
        self.check_access("write")
        self.sudo().running = False

    # -- the nightly work ---------------------------------------------------------------------------------------------

    @api.model
    def _cron_retention(self):
        """Remove what is older than its time, some records at a time, each batch for itself."""
        cron = self.env["ir.cron"]
        for one in self.sudo().search([("running", "=", True)]):
            kind, domain = one._work()
            records = self.env[kind["model"]].sudo().with_context(active_test=False, tracking_disable=True)
            last = 0
            while batch := records.search([*domain, ("id", ">", last)], order="id", limit=BATCH):
                last = batch[-1].id
                count = self._empty_or_split(kind, batch)
                one.sudo().write({"removed": one.removed + count, "last_run_at": fields.Datetime.now()})
                self.env["community.privacy.log"]._note(one.company_id, "retention", counts={kind["model"]: count})
                if not cron._commit_progress(count):
                    return

    def _empty_or_split(self, kind, records):
        """Empty records; where that fails halve them until the bad one stands alone, which the log of the server names.

        :returns: number of records that were emptied
        """
        count = len(records)
        try:
            with self.env.cr.savepoint():
                kind["empty"](records)
        except Exception as error:
            if self.env["community.ingest"]._is_infrastructure(error):
                raise
            self.env.invalidate_all(flush=False)
            if count > 1:
                middle = count // 2
                return self._empty_or_split(kind, records[:middle]) + self._empty_or_split(kind, records[middle:])
            _logger.exception("retention of %s: record %s could not be emptied", kind["model"], records.id)
            return 0
        return count

    def _empty_mentions(self, mentions):
        mentions.with_context(**{GONE_BECAUSE: "time"})._erase_content()
        values = dict.fromkeys(("url", "identifiers", "satisfaction_comment", "close_note"), False)
        self.env["community.erasing"]._empty(mentions, values)

    def _empty_profiles(self, authors):
        self.env["community.erasing"]._erase(self.env["res.partner"], authors, keep_out=False)

    def _empty_answers(self, replies):
        texts = dict.fromkeys(("title", "whole_text", "problem", "problem_detail", "url"), False)
        texts |= {"text": self.env._("Removed when its time was over"), "emptied": True}
        self.env["community.erasing"]._empty(replies, texts)

    def _empty_touches(self, touches):
        self.env["community.erasing"]._empty(touches, {"text": False, "reason": False})

    def _empty_handoffs(self, handoffs):
        gone = self.env._("Removed when its time was over")
        texts = dict.fromkeys(("reason", "outcome_text", "answer"), False)
        self.env["community.erasing"]._empty(handoffs, {**texts, "asked": gone, "name": gone, "emptied": True})
        self.env["community.erasing"]._erase_trail(handoffs)
