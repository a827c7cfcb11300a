from odoo import models

from ...connectors import networks
from .community_campaign_step import SAYING


class CommunityCampaignStep(models.Model):
    """What speaks against a step."""

    _inherit = "community.campaign.step"

    def _problems(self):
        """Return what has to be put right at this step, as sentences."""
        self.ensure_one()
        name = self.display_name
        problems = []
        if self.kind in SAYING:
            problems += self._text_problems(name)
        elif self.kind == "handoff":
            if not self.department_id:
                problems.append(self.env._("“%s”: choose the area that it is handed to.", name))
            if not (self.note or "").strip():
                problems.append(self.env._("“%s”: say what is to be done.", name))
        elif self.kind == "note" and not (self.note or "").strip():
            problems.append(self.env._("“%s”: say what is to be noted.", name))
        elif self.kind in ("gift", "survey") and not self._chosen(self.kind):
            model = {"gift": "loyalty.program", "survey": "survey.survey"}[self.kind]
            if model in self.env:
                problems.append(self.env._("“%s”: choose which one.", name))
            else:
                problems.append(self.env._("“%s” needs an application that is not installed.", name))
        elif self.kind == "wait" and self.wait_kind != "weekday" and self.wait_count <= 0:
            problems.append(self.env._("“%s”: say how long.", name))
        asks = self.kind == "branch" or (self.kind == "wait" and self.wait_kind == "event")
        if asks and self.condition == "segment" and not self.segment_id:
            problems.append(self.env._("“%s”: choose the segment.", name))
        if asks and self.condition == "language" and not self.language:
            problems.append(self.env._("“%s”: choose the language.", name))
        return problems

    def _text_problems(self, name):
        if not self.text_ids:
            return [self.env._("“%s” has no text.", name)]
        problems = []
        if any(text._is_empty() for text in self.text_ids):
            problems.append(self.env._("“%s”: a text is empty.", name))
        general = self.text_ids.filtered(lambda text: not text.variant_id)
        lacking = self.campaign_id.variant_ids - self.text_ids.variant_id
        if lacking and not general:
            problems.append(
                self.env._(
                    "“%(step)s”: nothing is written for variant %(variant)s.", step=name, variant=lacking[0].name
                )
            )
        if self.kind in ("message", "social") and not self._can_be_said():
            problems.append(self.env._("“%s”: no connected channel can send that.", name))
        return problems

    def _can_be_said(self):
        """Return whether any channel of the company lets us write in the way of this step."""
        way = "message" if self.kind == "message" else "reply"
        able = [code for code, cls in networks().items() if cls.can(way)]
        # sudo: whether there is one
        channels = self.env["community.channel"].sudo()
        domain = [("company_id", "=", self.company_id.id), ("network", "in", able), ("state", "!=", "draft")]
        return bool(channels.search_count(domain, limit=1))
