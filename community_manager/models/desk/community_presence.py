from datetime import timedelta

from odoo import api, fields, models
from odoo.tools import SQL

#: seconds after which somebody who was not heard of is gone; a browser speaks twice in that time
GONE = 30
#: what somebody may do with a conversation
DOING = ("look", "write")
#: entries older than this are of no use to anybody
KEPT = timedelta(minutes=10)
#: the message on the bus when somebody comes, begins to write or goes
MESSAGE = "community_manager.presence"


class CommunityPresence(models.Model):
    """Who looks at, or answers, which conversation right now.

    Nobody reads or writes it but :meth:`_note`, which a small route calls for those who may read the mention.
    """

    _name = "community.presence"
    _description = "Presence in a Conversation"
    _log_access = False
    _order = "id"

    company_id = fields.Many2one("res.company", required=True, ondelete="cascade")
    mention_id = fields.Many2one("community.mention", required=True, ondelete="cascade")
    conversation_id = fields.Many2one("community.conversation", ondelete="cascade", index="btree_not_null")
    user_id = fields.Many2one("res.users", required=True, ondelete="cascade")
    doing = fields.Selection([("look", "Looks at it"), ("write", "Writes an answer")], default="look", required=True)
    seen_at = fields.Datetime(required=True)

    _unique_place = models.UniqueIndex("(mention_id, user_id)")
    _seen = models.Index("(seen_at)")

    @api.model
    def _note(self, mention, doing):
        """Note what this user does with a mention, and return who else is there.

        :param mention: a ``community.mention`` that the user may read
        :param str doing: "look", "write", or "" for who goes away
        :returns: list of dicts with ``id``, ``name`` and ``doing`` of the others
        """
        place = self.sudo()
        changed = place._keep(mention, doing)
        others = place._others(mention)
        if changed:
            place.env["res.users"].browse(others)._bus_send(
                MESSAGE,
                {
                    "mention_id": mention.id,
                    "conversation_id": mention.sudo().conversation_id.id,
                    "user_id": self.env.uid,
                    "doing": doing,
                },
            )
        if not doing:
            return []
        names = {user.id: user.name for user in place.env["res.users"].browse(others)}
        return [{"id": user_id, "name": names[user_id], "doing": done} for user_id, done in others.items()]

    @api.model
    def _keep(self, mention, doing):
        """Write down what this user does; return whether that is news for the others."""
        self.flush_model()
        now = fields.Datetime.now()
        values = {"mention": mention.id, "user": self.env.uid, "now": now}
        if not doing:
            rows = self.env.execute_query(
                SQL(
                    "DELETE FROM community_presence WHERE mention_id = %(mention)s AND user_id = %(user)s RETURNING id",
                    **values,
                )
            )
            return bool(rows)
        # SQL: one statement a beat, and two tabs of one person cannot make two rows
        [[before]] = self.env.execute_query(
            SQL(
                """
                WITH before AS (
                    SELECT doing FROM community_presence
                     WHERE mention_id = %(mention)s AND user_id = %(user)s AND seen_at > %(since)s
                ), kept AS (
                    INSERT INTO community_presence (mention_id, user_id, conversation_id, company_id, doing, seen_at)
                    VALUES (%(mention)s, %(user)s, %(conversation)s, %(company)s, %(doing)s, %(now)s)
                        ON CONFLICT (mention_id, user_id)
                        DO UPDATE SET (doing, seen_at, conversation_id)
                                    = (excluded.doing, excluded.seen_at, excluded.conversation_id)
                )
                SELECT (SELECT doing FROM before)
                """,
                **values,
                since=now - timedelta(seconds=GONE),
                conversation=mention.sudo().conversation_id.id or None,
                company=mention.sudo().company_id.id,
                doing=doing,
            )
        )
        self.invalidate_model(flush=False)
        return before != doing

    @api.model
    def _others(self, mention):
        """Return ``{user id: doing}`` of everybody else who is in the conversation of a mention now."""
        conversation = mention.sudo().conversation_id
        place = [("conversation_id", "=", conversation.id)] if conversation else [("mention_id", "=", mention.id)]
        since = fields.Datetime.now() - timedelta(seconds=GONE)
        found = {}
        for presence in self.sudo().search([*place, ("seen_at", ">", since), ("user_id", "!=", self.env.uid)]):
            # who has it open twice writes, when one of both is written in
            if found.get(presence.user_id.id) != "write":
                found[presence.user_id.id] = presence.doing
        return found

    @api.autovacuum
    def _gc_gone(self):
        self.flush_model()
        # SQL: nothing else hangs on these rows, and they change every few seconds
        self.env.cr.execute(SQL("DELETE FROM community_presence WHERE seen_at < %s", fields.Datetime.now() - KEPT))
