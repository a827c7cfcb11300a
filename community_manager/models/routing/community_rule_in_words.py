from odoo import api, fields, models

from .community_rule import KINDS
from .ruleset import keyword_lines


class CommunityRule(models.Model):
    """Rules as people say them."""

    _inherit = "community.rule"

    condition_text = fields.Char(compute="_compute_sentences", string="Which mentions")
    action_text = fields.Char(compute="_compute_sentences", string="What happens")

    @api.depends_context("lang")
    @api.depends(lambda self: [name for name, field in self._fields.items() if field.store])
    def _compute_sentences(self):
        for rule in self:
            rule.condition_text = " · ".join(rule._condition_words()) or self.env._("Every mention")
            rule.action_text = " · ".join(rule._action_words()) or self.env._("Nothing")

    def _condition_words(self):
        """Return the conditions in words."""
        self.ensure_one()
        names = dict(self._fields["author_known"]._description_selection(self.env))
        sights = dict(self._fields["visibility"]._description_selection(self.env))
        wanted, excluded = keyword_lines(self.keywords)
        kinds = [self._fields[f"kind_{kind}"]._description_string(self.env) for kind in KINDS if self[f"kind_{kind}"]]
        words = [", ".join(self.topic_ids.mapped("name")), ", ".join(self.network_ids.mapped("display_name"))]
        words += [", ".join(self.channel_ids.mapped("name")), ", ".join(f"“{word}”" for word in wanted)]
        words += [self.env._("without %s", ", ".join(f"“{word}”" for word in excluded)) if excluded else ""]
        words += [", ".join(kinds), sights[self.visibility] if self.visibility != "any" else ""]
        if self.audience_min and self.audience_max:
            words.append(self.env._("%(least)d to %(most)d followers", least=self.audience_min, most=self.audience_max))
        elif self.audience_min:
            words.append(self.env._("at least %d followers", self.audience_min))
        elif self.audience_max:
            words.append(self.env._("at most %d followers", self.audience_max))
        words.append(names[self.author_known] if self.author_known != "any" else "")
        return [word for word in words if word]

    def _action_words(self):
        """Return the actions in words."""
        self.ensure_one()
        priorities = dict(self._fields["priority"]._description_selection(self.env))
        words = [
            self.env._("Ignore") if self.do_ignore else "",
            self.department_id.name or "",
            self.user_id.name or "",
            priorities.get(self.priority, ""),
            self.env._("Lead") if self.lead_action != "none" else "",
            self.env._("Ticket") if self.ticket_action != "none" else "",
        ]
        return [word for word in words if word]
