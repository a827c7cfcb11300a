from dataclasses import dataclass
from functools import partial

from odoo import api, fields, models

from ...connectors.errors import AccessDenied, Gone, Malformed, Misconfigured, TooLarge
from ...connectors.items import Page
from ...connectors.pool import Job
from .community_listener import BUDGET, CLAIM_LIMIT

#: conversations of one channel that one run looks at again
LOOKS_PER_RUN = 20
#: what says something about one item only: a post that we may not see any more is no fault of the channel
OF_ONE_ITEM = (Gone, AccessDenied, Malformed, Misconfigured, TooLarge)


class CommunityListener(models.AbstractModel):
    """The second look at open conversations: deletions, and on many networks edits, show nowhere else."""

    _inherit = "community.listener"

    @api.model
    def _look_again(self, budget=BUDGET):
        """Look again at open conversations that are due: new answers, edits, and deletions, which show nowhere else."""
        if self.env["community.home"]._status() not in ("live", "new"):
            return 0, 0
        conversations = self.env["community.conversation"]._read_group(
            [
                ("state", "=", "open"),
                ("next_look_at", "<=", fields.Datetime.now()),
                ("channel_id.state", "=", "listening"),
            ],
            ["channel_id"],
        )
        channels = self.env["community.channel"].union(*(channel for (channel,) in conversations))
        channels = channels.filtered(
            lambda channel: (
                (channel._can("thread") or channel._can("lookup"))
                and not channel._is_rate_limited()
                and not channel._budget_used_up()
            )
        )
        return self._run(channels[:CLAIM_LIMIT], budget, "_look_job", listening=False)

    @api.model
    def _look_job(self, channel, deadline, stop):
        now = fields.Datetime.now()
        conversations = self.env["community.conversation"].search(
            [("channel_id", "=", channel.id), ("state", "=", "open"), ("next_look_at", "<=", now)],
            order="next_look_at",
            limit=LOOKS_PER_RUN,
        )
        connector = self._prepare(channel, deadline, stop) if conversations else None
        if connector is None:
            return None
        plan = [
            (
                conversation.id,
                [
                    (mention.id, mention.external_id, mention.identifiers or {})
                    for mention in conversation.mention_ids.sorted("published_at")
                    if not mention.deleted_at
                ],
            )
            for conversation in conversations
        ]
        renewal = channel._renewal(connector)
        return Job(channel.id, lambda: _look(renewal, plan))

    @api.model
    def _note_look(self, look):
        """Remove what is gone and say when the conversation is looked at next."""
        self.env["community.mention"].browse(look.gone).exists()._erase_content()
        conversation = self.env["community.conversation"].browse(look.conversation_id).exists()
        if conversation:
            conversation.next_look_at = conversation._look_again_at(conversation.last_mention_at, fields.Datetime.now())


@dataclass(slots=True)
class _Look:
    """What a second look at a conversation has shown: items as they are now, and ids of mentions that are gone."""

    conversation_id: int
    page: Page
    gone: list


def _look(renewal, plan):
    """Yield a :class:`_Look` for each conversation of the plan.

    A mention that is missing from its thread proves nothing; it is asked for by itself, and only the network's own
    "gone" (404 or 410) counts.
    """
    connector = renewal.connector
    for conversation_id, mentions in plan:
        before, spent = connector.http.requests, connector.spent
        items, gone = renewal.run(partial(_items_now, connector, mentions))
        stored = {external_id for _mention_id, external_id, _identifiers in mentions}
        for item in items.values():
            # a new answer in a conversation that concerns us is kept; what is stored keeps the way it came
            item.origin = "search" if item.external_id in stored else "own"
        page = Page(
            items=list(items.values()),
            requests=connector.http.requests - before,
            cost=connector.spent - spent,
        )
        yield _Look(conversation_id, page, gone)


def _items_now(connector, mentions):
    """Return ``{external id: item}`` of a conversation as it is now, and the ids of mentions that are gone.

    :param mentions: list of (id, external id, identifiers)
    """
    items, gone = {}, []
    if connector.can("thread"):
        for _mention_id, external_id, identifiers in mentions:
            try:
                items = {item.external_id: item for item in connector.thread(external_id, identifiers)}
            except OF_ONE_ITEM:
                continue
            break
    if connector.can("lookup"):
        for mention_id, external_id, identifiers in mentions:
            if external_id in items:
                continue
            try:
                item = connector.lookup(external_id, identifiers)
            except Gone:
                gone.append(mention_id)
            except OF_ONE_ITEM:
                continue
            else:
                if item is not None:
                    items[external_id] = item
    return items, gone
