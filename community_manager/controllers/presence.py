from odoo.exceptions import AccessError
from odoo.http import Controller, request, route

from ..models.desk.community_presence import DOING


class PresenceController(Controller):
    """Where a browser says which conversation somebody looks at or answers."""

    @route("/community_manager/presence", type="jsonrpc", auth="user")
    def presence(self, mention_id, doing=""):
        """Note what somebody does with a mention and return who else is there.

        :param int mention_id: the mention that is open
        :param str doing: "look", "write", or "" for going away
        :returns: list of dicts with ``id``, ``name`` and ``doing`` of the others
        :raises AccessError: the person may not read that mention
        """
        mention = request.env["community.mention"].browse(int(mention_id))
        if not request.env.user.has_group("community_manager.group_agent"):
            raise AccessError(request.env._("Only community agents work on conversations."))
        if not mention.exists():
            return []
        mention.check_access("read")
        return request.env["community.presence"]._note(mention, doing if doing in DOING else "")
