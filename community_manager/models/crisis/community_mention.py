from odoo import api, fields, models

from .community_crisis import OPEN
from .community_crisis_statement import bare


class CommunityMention(models.Model):
    """Mentions of a crisis."""

    _inherit = "community.mention"

    crisis_id = fields.Many2one(
        "community.crisis",
        index="btree_not_null",
        ondelete="set null",
        copy=False,
        check_company=True,
        domain="[('company_id', '=', company_id), ('stage', 'in', ('open', 'contained'))]",
    )
    crisis_notice = fields.Char(compute="_compute_crisis_notice")

    @api.depends("crisis_id.stage", "crisis_id.name", "crisis_id.level")
    @api.depends_context("lang")
    def _compute_crisis_notice(self):
        for mention in self:
            crisis = mention.crisis_id.sudo()
            mention.crisis_notice = crisis.stage in OPEN and self.env._(
                "Crisis: %s. Answer with an approved statement.", crisis.name
            )

    def write(self, vals):
        if "crisis_id" not in vals or self.env.context.get("community_gather"):
            return super().write(vals)
        before = self.grouped("crisis_id")
        result = super().write(vals)
        after = self.crisis_id
        for crisis, mentions in before.items():
            if crisis and crisis != after:  # taken out by hand: they are not gathered again
                crisis.sudo().left_out_ids = [fields.Command.link(mention_id) for mention_id in mentions.ids]
        if after:
            after.sudo().left_out_ids = [fields.Command.unlink(mention_id) for mention_id in self.ids]
            after._raise_priority(self)
        (self.env["community.crisis"].union(*before) | after)._refresh_figures()
        return result

    def action_leave_crisis(self):
        """These mentions have nothing to do with their crisis."""
        self.filtered("crisis_id").write({"crisis_id": False})

    def action_open_crisis(self):
        """Open the crisis of this mention."""
        self.ensure_one()
        return self.crisis_id._form()

    def _crisis_now(self):
        """Return the open crises that this mention belongs to: its own, else those of its topics."""
        self.ensure_one()
        own = self.sudo().crisis_id.filtered("is_open")
        if own:
            return own
        crises = self.env["community.crisis"]._open_in(self.company_id)
        return crises.filtered(lambda crisis: crisis.topic_ids & self.sudo().topic_ids)

    def _reply_warnings(self, text, way, channel):
        warnings = super()._reply_warnings(text, way, channel)
        crisis = self.sudo().crisis_id.filtered("is_open")
        if crisis and bare(text) and not crisis.statement_ids._said_in(text, channel.sudo().network or self.network):
            sentence = (
                self.env._("Crisis “%s”: use an approved statement where one fits.", crisis.name)
                if crisis.statement_ids.filtered(lambda statement: statement.state == "approved")
                else self.env._("Crisis “%s”: no statement is approved yet. Ask before you answer.", crisis.name)
            )
            warnings = [*warnings, {"code": "crisis", "text": sentence, "way": ""}]
        return warnings

    def _suggestions(self, query, way, channel):
        found = super()._suggestions(query, way, channel)
        statements = []
        for crisis in self._crisis_now():
            network = channel.sudo().network or self.network
            for statement in crisis.statement_ids._fits(network, (self.language or "")[:2]):
                if query and query.casefold() not in f"{statement.name}\n{statement.text}".casefold():
                    continue
                languages = dict(statement._fields["language"]._description_selection(self.env))
                statements.append(
                    {
                        "kind": "statement",
                        "id": statement.id,
                        "title": statement.name,
                        "text": statement.text,
                        "note": self.env._(
                            "Approved statement (%(language)s), crisis “%(crisis)s”",
                            language=languages.get(statement.language) or "…",
                            crisis=crisis.name,
                        ),
                        "warning": "",
                    }
                )
        return [*statements, *found]
