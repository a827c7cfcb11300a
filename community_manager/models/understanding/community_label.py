from odoo import api, fields, models
from odoo.exceptions import AccessError

from .community_mention import CORRECTABLE

#: what the labels of relevance say
THEIRS, OURS = "theirs", "ours"


class CommunityLabel(models.Model):
    """What a person says of a mention that the analysis had read otherwise, or the same: learning begins here.

    One for each mention, kind and person, the last word of whom counts.  Nobody writes labels: they come from
    correcting mentions, so that what is learned is what somebody saw and said, under their own name.
    """

    _name = "community.label"
    _description = "Correction of a Mention"
    _order = "labelled_at desc, id desc"
    _rec_name = "value_name"

    mention_id = fields.Many2one("community.mention", required=True, readonly=True, index=True, ondelete="cascade")
    company_id = fields.Many2one("res.company", required=True, readonly=True, ondelete="cascade")
    user_id = fields.Many2one(
        "res.users", string="Said by", required=True, readonly=True, index=True, ondelete="cascade"
    )
    kind = fields.Selection(
        [("sentiment", "Feeling"), ("intents", "Intents"), ("language", "Language"), ("relevance", "About us")],
        string="What",
        required=True,
        readonly=True,
    )
    value = fields.Char(required=True, readonly=True, default="", help="A code, or several between commas.")
    before = fields.Char(readonly=True, default="", string="Value before", help="The value that stood there.")
    value_name = fields.Char(compute="_compute_names", string="Corrected to")
    before_name = fields.Char(compute="_compute_names", string="Before")
    confidence = fields.Float(readonly=True, string="Certainty before", help="Of the analysis; 0 where it had none.")
    version = fields.Char(readonly=True, help="The version of the analysis that had read it.")
    labelled_at = fields.Datetime(string="When", required=True, readonly=True, default=fields.Datetime.now)
    excerpt = fields.Char(related="mention_id.excerpt", string="Text")

    _one_each = models.UniqueIndex("(mention_id, kind, user_id)")
    _newest = models.Index("(company_id, labelled_at)")

    @api.depends("kind", "value", "before")
    def _compute_names(self):
        for label in self:
            label.value_name = label._name_of(label.value)
            label.before_name = label._name_of(label.before)

    def _name_of(self, value):
        """Return a value of this kind as people say it."""
        if self.kind == "relevance":
            return self.env._("Not about us") if value == THEIRS else self.env._("About us")
        return self.env["community.mention"]._value_name(self.kind, value)

    @api.model
    def _keep(self, mentions, kind, values, before):
        """Keep what the person of this environment says of mentions.

        Who says another thing later has said that one only; what stood there before the first time stays noted.

        :param mentions: ``community.mention`` records
        :param dict values: ``{mention id: value}``: a code, or codes between commas
        :param dict before: ``{mention id: value}`` that stood there
        """
        now = fields.Datetime.now()
        labels = self.sudo()
        known = labels.search([("mention_id", "in", mentions.ids), ("kind", "=", kind), ("user_id", "=", self.env.uid)])
        for label in known:
            label.write({"value": values[label.mention_id.id], "labelled_at": now})
        new = mentions - known.mention_id
        labels.create(
            [
                {
                    "mention_id": mention.id,
                    "company_id": mention.company_id.id,
                    "user_id": self.env.uid,
                    "kind": kind,
                    "value": values[mention.id],
                    "before": before[mention.id],
                    "confidence": mention._certainty(kind),
                    "version": (mention.analysis or {}).get("version") or False,
                    "labelled_at": now,
                }
                for mention in new
            ]
        )
        for company in mentions.company_id:
            self.env["community.learning"]._note_labels(company)

    @api.model
    def _latest(self, mentions):
        """Return ``{(mention id, kind): label}`` with the last word on each, whoever said it."""
        labels = self.sudo().search([("mention_id", "in", mentions.ids)], order="labelled_at, id")
        return {(label.mention_id.id, label.kind): label for label in labels}

    def action_open_mention(self):
        """Open the mention."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": "community.mention",
            "res_id": self.mention_id.id,
            "views": [(False, "form")],
        }

    def action_withdraw(self):
        """Take labels out, those of a careless person for instance: the analysis has its say again.

        :raises AccessError: only managers take out what others said
        """
        if not self.env.user.has_group("community_manager.group_manager"):
            raise AccessError(self.env._("Only a community manager can take out what others have said."))
        self.check_access("read")
        for kind in sorted(set(self.mapped("kind")) & set(CORRECTABLE)):
            labels = self.filtered(lambda label, kind=kind: label.kind == kind)
            mentions = labels.mention_id
            labels.sudo().unlink()
            mentions._settle_correction(kind)
        relevance = self.exists()
        if relevance:
            mentions = relevance.filtered(lambda label: label.value == THEIRS).mention_id
            relevance.sudo().unlink()
            mentions.action_about_us()
