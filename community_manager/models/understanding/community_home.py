from odoo import api, models

from .community_analyst_deep import TROUBLE_PARAMETER


class CommunityHome(models.AbstractModel):
    """What the screens say while texts cannot be analysed."""

    _inherit = "community.home"

    @api.model
    @api.readonly
    def get_notice(self):
        notice = super().get_notice()
        if notice["text"] or not self.env.user.has_group("community_manager.group_admin"):
            return notice
        return {**notice, "text": self._analysis_trouble()}

    @api.model
    def _analysis_trouble(self):
        """Return the sentence for what is wrong with the analysis, or ``""``."""
        trouble = self.env["ir.config_parameter"].sudo().get_param(TROUBLE_PARAMETER)
        if not trouble:
            return ""
        kind, _separator, name = trouble.partition("library ")
        if name and not kind:
            return self.env._(
                "What people write is stored, but not understood: the Python library %s is missing. Install it on "
                "the server and restart Odoo; what waits is then analysed by itself.",
                name,
            )
        return self.env._(
            "What people write is stored, but not fully understood: the analysis fails (%s). Install the application's "
            "files again, or go back to an earlier version of what was learned; what waits is then analysed by itself.",
            trouble,
        )
