from datetime import timedelta

from odoo import api, fields, models
from odoo.tools import SQL

from ..platform.moments import naive

#: when an open conversation is looked at again, by its age: often while it is fresh
LOOK_AGAIN = (
    (timedelta(hours=2), timedelta(minutes=15)),
    (timedelta(days=1), timedelta(hours=2)),
    (timedelta(days=7), timedelta(hours=12)),
    (timedelta(days=30), timedelta(days=2)),
)


class CommunityConversation(models.Model):
    """Mentions that answer each other."""

    _name = "community.conversation"
    _description = "Conversation"
    _inherit = ["community.bulk", "community.told"]
    _order = "last_mention_at desc, id desc"
    _log_access = False
    _told = frozenset(("company_id", "channel_id", "network", "realm", "external_id"))

    company_id = fields.Many2one("res.company", required=True, readonly=True)
    channel_id = fields.Many2one("community.channel", readonly=True, index=True, ondelete="set null")
    network = fields.Selection(
        selection=lambda self: self.env["community.channel"]._selection_network(), required=True, readonly=True
    )
    realm = fields.Char(required=True, default="", readonly=True)
    external_id = fields.Char(required=True, readonly=True, string="First post")
    name = fields.Char(compute="_compute_name")
    mention_ids = fields.One2many("community.mention", "conversation_id")
    mention_count = fields.Integer(compute="_compute_mention_count")
    last_mention_at = fields.Datetime(readonly=True)
    state = fields.Selection([("open", "Open"), ("closed", "Closed")], default="open", required=True)
    next_look_at = fields.Datetime(readonly=True)

    _unique_identity = models.UniqueIndex("(company_id, network, realm, external_id)")
    _due = models.Index("(next_look_at) WHERE state = 'open' AND next_look_at IS NOT NULL")

    def _compute_mention_count(self):
        counts = dict(
            self.env["community.mention"]._read_group(
                [("conversation_id", "in", self.ids)], ["conversation_id"], ["__count"]
            )
        )
        for conversation in self:
            conversation.mention_count = counts.get(conversation, 0)

    @api.depends("mention_ids.text", "mention_ids.title")
    def _compute_name(self):
        for conversation in self:
            first = conversation.mention_ids.sorted("published_at")[:1]
            conversation.name = first.summary or conversation.external_id

    @api.model
    def _look_again_at(self, last_mention_at, now):
        """Return when a conversation is due to be looked at again, or False when it is too old.

        :param datetime last_mention_at: naive UTC time of its newest mention
        :param datetime now: naive UTC
        """
        age = now - (last_mention_at or now)
        return next((now + pause for limit, pause in LOOK_AGAIN if age < limit), False)

    @api.model
    def _resolve(self, channel, items):
        """Find or create the conversation of each item, joining those that turn out to be one.

        :param channel: the ``community.channel`` the items came through
        :param items: list of ``(realm, MentionItem)``
        :returns: ``{(realm, external id of item): conversation id}``
        """
        groups = _Groups()
        for realm, item in items:
            node = (realm, item.external_id)
            groups.add(node)
            for other in (item.parent_id, item.conversation_id):
                if other:
                    groups.join(node, (realm, other))
        known, states = [], {}
        for realm, external_id, parent_id, conversation_id, *state in self._relatives(channel, groups.nodes()):
            known += [((realm, external_id), conversation_id), ((realm, parent_id), conversation_id)]
            states[conversation_id] = state
        known = [(node, conversation_id) for node, conversation_id in known if node in groups]
        for node, conversation_id in known:
            groups.join(node, conversation_id)
        owners = {}  # root of a group -> ids of the conversations that exist for it
        for _node, conversation_id in known:
            owners.setdefault(groups.root(conversation_id), set()).add(conversation_id)

        newest, firsts, incoming = {}, {}, set()
        for realm, item in items:
            root = groups.root((realm, item.external_id))
            moment = naive(item.published_at) or fields.Datetime.now()
            newest[root] = max(newest.get(root, moment), moment)
            firsts.setdefault(root, (realm, item.conversation_id or item.parent_id or item.external_id))
            if not item.outgoing:
                incoming.add(root)
        found = {}
        for root, ids in owners.items():
            keep, *rest = self.browse(sorted(ids))
            if rest:
                self.browse([other.id for other in rest])._merge_into(keep)
                states[keep.id] = (keep.last_mention_at, keep.state)
            found[root] = keep.id
        now = fields.Datetime.now()
        for root, conversation_id in found.items():
            if root in newest:
                conversation = self.browse(conversation_id)
                conversation._note_mention(newest[root], now, root in incoming, *states[conversation_id])
        missing = [root for root in firsts if root not in found]
        created = self._create_bulk(
            [
                {
                    "company_id": channel.company_id.id,
                    "channel_id": channel.id,
                    "network": channel.network,
                    "realm": firsts[root][0],
                    "external_id": firsts[root][1],
                    "last_mention_at": newest[root],
                    "next_look_at": self._look_again_at(newest[root], now),
                }
                for root in missing
            ]
        )
        found.update(zip(missing, created.ids, strict=True))
        return {(realm, item.external_id): found[groups.root((realm, item.external_id))] for realm, item in items}

    @api.model
    def _relatives(self, channel, nodes):
        """Return what is stored of some posts and of answers to them, and the conversations that begin with them.

        The parent of a stored mention may come only now, or be known from another answer to it.  One statement, for
        every page costs it.

        :param nodes: (realm, external id) of the posts
        :returns: list of (realm, external id, id of the parent, conversation id, its last mention, its state)
        """
        mentions = self.env["community.mention"]
        mentions.flush_model(["company_id", "network", "realm", "external_id", "parent_external_id", "conversation_id"])
        self.flush_model(["company_id", "network", "realm", "external_id", "last_mention_at", "state"])
        external_ids = sorted({external_id for _realm, external_id in nodes})
        scope = (channel.company_id.id, channel.network, sorted({realm for realm, _external_id in nodes}))
        return self.env.execute_query(
            SQL(
                "SELECT realm, external_id, NULL, id, last_mention_at, state FROM %s"
                " WHERE company_id = %s AND network = %s AND realm = ANY(%s) AND external_id = ANY(%s)"
                " UNION ALL"
                " SELECT said.realm, said.external_id, said.parent_external_id, whole.id, whole.last_mention_at,"
                " whole.state FROM %s said JOIN %s whole ON whole.id = said.conversation_id"
                " WHERE said.company_id = %s AND said.network = %s AND said.realm = ANY(%s)"
                " AND (said.external_id = ANY(%s) OR said.parent_external_id = ANY(%s))",
                SQL.identifier(self._table),
                *scope,
                external_ids,
                SQL.identifier(mentions._table),
                SQL.identifier(self._table),
                *scope,
                external_ids,
                external_ids,
            )
        )

    def _note_mention(self, moment, now, reopen, last_mention_at, state):
        values = {}
        if not last_mention_at or moment > last_mention_at:
            values["last_mention_at"] = moment
            values["next_look_at"] = self._look_again_at(moment, now)
        if reopen and state == "closed":
            values["state"] = "open"
        if values:
            self.write(values)

    def _follow_mentions(self):
        """Close conversations in which nothing is left to do, open the others."""
        waiting = self.env["community.mention"]._read_group(
            [("conversation_id", "in", self.ids), ("state", "not in", ("done", "ignored"))], ["conversation_id"]
        )
        unfinished = self.browse([conversation.id for (conversation,) in waiting])
        now = fields.Datetime.now()
        for conversation in unfinished.filtered(lambda conversation: conversation.state == "closed"):
            conversation.write(
                {"state": "open", "next_look_at": self._look_again_at(conversation.last_mention_at, now)}
            )
        (self - unfinished).filtered(lambda conversation: conversation.state == "open").write({"state": "closed"})

    def _merge_into(self, target):
        """Move the mentions of these conversations to ``target`` and remove them: a late parent joined them."""
        self.env["community.mention"].with_context(active_test=False).search(
            [("conversation_id", "in", self.ids)]
        ).write({"conversation_id": target.id})
        moments = [moment for moment in (self | target).mapped("last_mention_at") if moment]
        if moments:
            target.last_mention_at = max(moments)
        self.unlink()


class _Groups:
    """Union-find over (realm, external id) and ids of conversations: which belong together."""

    def __init__(self):
        self._parent = {}

    def __contains__(self, node):
        return node in self._parent

    def nodes(self):
        return self._parent.keys()

    def add(self, node):
        self._parent.setdefault(node, node)

    def root(self, node):
        parent = self._parent
        while parent[node] != node:
            parent[node] = parent[parent[node]]
            node = parent[node]
        return node

    def join(self, one, other):
        self.add(one)
        self.add(other)
        self._parent[self.root(one)] = self.root(other)
