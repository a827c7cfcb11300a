import re
from datetime import timedelta

from odoo import api, fields, models
from odoo.fields import Domain

#: days after the end in which what they say still belongs to a collaboration
AFTERWARDS = 14
#: mentions that are looked at for one collaboration in one go
MOST = 2_000


class CommunityCollaboration(models.Model):
    """What came of a collaboration: what they said and whether it says why, who came, and at which cost."""

    _inherit = "community.collaboration"

    hashtags = fields.Char(
        "Recognised by",
        help="Words or hashtags with commas between them: what they say in public in the time agreed belongs to the "
        "collaboration when one of them stands in it. Empty: everything they say of us in that time.",
    )
    disclosure = fields.Char(
        "Has to say",
        default=lambda self: self.env._("#ad, #sponsored"),
        help="Words or hashtags with commas between them, of which one has to stand in each post, so that readers know "
        "that it was agreed. Empty: nothing has to.",
    )
    mention_ids = fields.One2many("community.mention", "collaboration_id", string="What they said")
    mention_count = fields.Integer(compute="_compute_said", string="Posts")
    undisclosed_count = fields.Integer(compute="_compute_said", string="Posts without the words")
    referral_ids = fields.One2many("community.referral", "collaboration_id", string="Tracked links")
    click_count = fields.Integer(compute="_compute_brought", string="Clicks")
    lead_count = fields.Integer(compute="_compute_brought", string="Leads")
    order_count = fields.Integer(compute="_compute_brought", string="Orders")
    revenue = fields.Monetary(
        compute="_compute_brought",
        groups="community_manager.group_manager",
        help="Confirmed orders, without taxes, in the currency of the company.",
    )
    compensation_ids = fields.One2many("community.compensation", "collaboration_id")
    cost = fields.Monetary(
        compute="_compute_cost",
        groups="community_manager.group_manager",
        help="Money and things promised or given, in the currency of the company.",
    )
    result_per_cost = fields.Float(
        "Revenue per cost",
        compute="_compute_cost",
        groups="community_manager.group_manager",
        help="1 means that the orders brought as much as it cost.",
    )
    currency_id = fields.Many2one(related="company_id.currency_id")

    @api.depends("mention_ids.undisclosed")
    def _compute_said(self):
        mentions = self.env["community.mention"].sudo()
        counts = dict(mentions._read_group([("collaboration_id", "in", self.ids)], ["collaboration_id"], ["__count"]))
        bad = [("collaboration_id", "in", self.ids), ("undisclosed", "=", True)]
        without = dict(mentions._read_group(bad, ["collaboration_id"], ["__count"]))
        for one in self:
            one.mention_count = counts.get(one._origin.sudo(), 0)
            one.undisclosed_count = without.get(one._origin.sudo(), 0)

    @api.depends("referral_ids")
    def _compute_brought(self):
        figures = self.sudo().referral_ids._figures()
        for one in self:
            theirs = [figures[referral.id] for referral in one.sudo().referral_ids if referral.id in figures]
            one.click_count = sum(figure["clicks"] for figure in theirs)
            one.lead_count = sum(figure["leads"] for figure in theirs)
            one.order_count = sum(figure["orders"] for figure in theirs)
            one.revenue = sum(figure["revenue"] for figure in theirs)

    @api.depends("compensation_ids.amount_company", "compensation_ids.state", "referral_ids")
    def _compute_cost(self):
        for one in self:
            counted = one.compensation_ids.filtered(lambda entry: entry.state != "cancelled")
            one.cost = sum(counted.mapped("amount_company"))
            one.result_per_cost = one.revenue / one.cost if one.cost else 0.0

    def write(self, vals):
        result = super().write(vals)
        if {"hashtags", "date_start", "date_end", "influencer_id"} & set(vals):
            self.filtered(lambda one: one.state in ("running", "done"))._gather()
        if "disclosure" in vals:
            self.sudo().mention_ids._note_disclosure()
        return result

    # -- what they said -----------------------------------------------------------------------------------------------

    def _gather(self):
        """Take in what they said in public in the time agreed; tell the responsible when the words are missing."""
        mentions = self.env["community.mention"].sudo()
        for one in self.sudo():
            authors = one.influencer_id._profiles()
            if not authors or not one.date_start:
                continue
            domain = Domain("author_id", "in", authors.ids) & Domain("outgoing", "=", False)
            domain &= Domain("company_id", "=", one.company_id.id) & Domain("collaboration_id", "=", False)
            domain &= Domain("visibility", "not in", ("private", "direct")) & Domain("deleted_at", "=", False)
            domain &= Domain("no_collaboration", "=", False)
            domain &= Domain("published_at", ">=", fields.Datetime.to_datetime(one.date_start))
            if one.date_end:
                last = fields.Datetime.to_datetime(one.date_end) + timedelta(days=AFTERWARDS + 1)
                domain &= Domain("published_at", "<", last)
            found, words = mentions.search(domain, limit=MOST), _words(one.hashtags)
            if words:
                found = found.browse(mention.id for mention in found if _stands(mention, words))
            found.write({"collaboration_id": one.id})
            found._note_disclosure()
            if found.filtered("undisclosed"):
                one._warn()

    def _warn(self):
        """Give the responsible an activity, once until it is done: the words are missing in a post."""
        kind = "community_manager.activity_collaboration"
        user = self.user_id
        if user.active and not self.activity_search([kind]):
            there = self.with_context(lang=user.lang)
            note = there.env._(
                "Ask for %(words)s in what %(name)s posted.", words=self.disclosure, name=self.influencer_id.name
            )
            self.activity_schedule(kind, note=note, user_id=user.id)

    def action_look(self):
        """Look now for what they said."""
        self.check_access("write")
        self._gather()

    def action_open_mentions(self):
        """Open what they said."""
        action = self.env["ir.actions.act_window"]._for_xml_id("community_manager.action_mentions")
        return {**action, "domain": [("collaboration_id", "in", self.ids)], "context": {}}

    @api.model
    def _cron_look(self):
        """Look at every collaboration that runs, and at who was answered meanwhile."""
        running = self.search([("state", "=", "running")])
        self.env["ir.cron"]._commit_progress(remaining=len(running) + 1)
        for one in running:
            one._gather()
            if not self.env["ir.cron"]._commit_progress(1):
                return
        self.env["community.influencer"]._note_contacted()
        self.env["ir.cron"]._commit_progress(1)


def _words(text):
    """Return the words and hashtags of a field with commas, in small letters."""
    return [word.strip().lower() for word in (text or "").split(",") if word.strip()]


def _stands(mention, words):
    """Return whether one of some words stands in a mention, as a word of its own: “#ad” is not “#adventure”."""
    text = f"{mention.title or ''}\n{mention.text or ''}".lower()
    return any(re.search(rf"(?<![\w#]){re.escape(word)}(?!\w)", text) for word in words)
