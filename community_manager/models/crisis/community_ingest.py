from odoo import api, fields, models

from .community_crisis_gather import PRIORITIES


class CommunityIngest(models.AbstractModel):
    """New mentions join the open crisis that they belong to."""

    _inherit = "community.ingest"

    @api.model
    def _complete(self, channel, vals_list):
        result = super()._complete(channel, vals_list)
        crises = self.env["community.crisis"]._open_in(channel.company_id)
        if not crises:
            return result
        theirs = [values for values in vals_list if not (values.get("outgoing") or values.get("crisis_id"))]
        entries = [
            (f"{values.get('title') or ''}\n{values.get('text') or ''}", _topics(values), values.get("published_at"))
            for values in theirs
        ]
        for values, crisis in zip(theirs, crises._choose(entries), strict=True):
            if crisis:
                values["crisis_id"] = crisis.id
                values["priority"] = max(values.get("priority") or "0", PRIORITIES[crisis.level])
        return result


def _topics(values):
    """Return the ids of topics in the values of a mention that is not created yet."""
    found = set()
    for command in values.get("topic_ids") or ():
        if command[0] == fields.Command.SET:
            found.update(command[2])
        elif command[0] == fields.Command.LINK:
            found.add(command[1])
    return found
