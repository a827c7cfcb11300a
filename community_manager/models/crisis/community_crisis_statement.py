import re

from odoo import api, fields, models
from odoo.exceptions import AccessError

#: what an approval is for: changed, it has to be approved again
APPROVED = frozenset(("text", "language", "network_ids", "crisis_id"))
#: a network puts the names of those who are answered before an answer
_HANDLES = re.compile(r"^(?:@\S+[\s,]+)+")


def bare(text):
    """Return a text without handles in front and without differences of white space, to compare it."""
    return " ".join(_HANDLES.sub("", text or "").split())


class CommunityCrisisStatement(models.Model):
    """What may be said in a crisis, once it is approved; word for word, in one language."""

    _name = "community.crisis.statement"
    _description = "Approved Statement"
    _order = "sequence, id"
    _check_company_auto = True

    crisis_id = fields.Many2one("community.crisis", required=True, ondelete="cascade", index=True)
    company_id = fields.Many2one(related="crisis_id.company_id", store=True, index=True)
    sequence = fields.Integer(default=10)
    name = fields.Char("For what", required=True)
    language = fields.Selection(
        selection=lambda self: self._selection_language(), default=lambda self: self._own_language()
    )
    text = fields.Text(required=True)
    network_ids = fields.Many2many(
        "community.network",
        "community_crisis_statement_network_rel",
        "statement_id",
        "network_id",
        string="Networks",
        help="Empty: on every network.",
    )
    state = fields.Selection(
        [("draft", "To approve"), ("approved", "Approved"), ("withdrawn", "Withdrawn")],
        default="draft",
        required=True,
        readonly=True,
        copy=False,
    )
    approved_by_id = fields.Many2one("res.users", readonly=True, copy=False)
    approved_at = fields.Datetime(readonly=True, copy=False)
    used_count = fields.Integer("Used", readonly=True, copy=False)

    @api.model
    def _selection_language(self):
        """Return the languages of Odoo by their short code, the installed ones first."""
        langs = self.env["res.lang"].sudo().with_context(active_test=False).search([], order="active desc, name")
        found = {}
        for lang in langs:
            code = lang.code.split("_")[0].split("@")[0]
            found.setdefault(code, lang.name.split(" (")[0].split(" / ")[0])
        return list(found.items())

    @api.model
    def _own_language(self):
        return (self.env.lang or "en").split("_")[0]

    @api.model_create_multi
    def create(self, vals_list):
        if not self.env.su and any(values.get("state", "draft") != "draft" for values in vals_list):
            raise AccessError(self.env._("A statement is approved by its button."))
        if not self.env.su:
            kept = {name: value for name, value in self.env.context.items() if name != "default_state"}
            self = self.with_env(self.env(context=kept))
        return super().create(vals_list)

    def write(self, vals):
        if not self.env.su and {"state", "approved_by_id", "approved_at", "used_count"} & set(vals):
            raise AccessError(self.env._("A statement is approved by its button."))
        if APPROVED & set(vals):
            approved = self.filtered(lambda statement: statement.state == "approved")
            if approved:
                super(CommunityCrisisStatement, approved.sudo()).write(
                    {"state": "draft", "approved_by_id": False, "approved_at": False}
                )
                for statement in approved:
                    text = self.env._("Changed, to be approved again: %s", statement.name)
                    statement.crisis_id._log("statement", text)
        return super().write(vals)

    def action_approve(self):
        """Allow these statements.

        :raises AccessError: the reader has no role that approves
        """
        self.check_access("read")
        for statement in self:
            statement.crisis_id._ensure_may("approve")
            if statement.state != "approved":
                statement.sudo().write(
                    {"state": "approved", "approved_by_id": self.env.uid, "approved_at": fields.Datetime.now()}
                )
                statement.crisis_id._log("statement", self.env._("Approved: %s", statement.name))
        self.sudo().crisis_id.hold_ids._look_again()

    def action_withdraw(self):
        """Say these statements no more."""
        self.check_access("read")
        for statement in self:
            statement.crisis_id._ensure_may("approve")
            statement.sudo().write({"state": "withdrawn", "approved_by_id": False, "approved_at": False})
            statement.crisis_id._log("statement", self.env._("Withdrawn: %s", statement.name))
        self.sudo().crisis_id.hold_ids._look_again()

    def _fits(self, network, language=""):
        """Return those that may be said on a network, those in a language first.

        :param str network: code
        :param str language: code of two letters, "" for any
        """
        fitting = self.filtered(
            lambda statement: (
                statement.state == "approved"
                and (not statement.network_ids or network in statement.network_ids.mapped("code"))
            )
        )
        return fitting.sorted(lambda statement: (statement.language != language, statement.sequence, statement.id))

    def _said_in(self, text, network):
        """Return the approved statement that a text is, word for word; empty if it is none."""
        wanted = bare(text)
        return self._fits(network).filtered(lambda statement: bool(wanted) and bare(statement.text) == wanted)[:1]
