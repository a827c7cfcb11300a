from dataclasses import replace
from datetime import UTC

from odoo import api, fields, models
from odoo.exceptions import UserError

from ...connectors import network as network_class
from ...connectors.items import Outgoing, Target
from ...connectors.parts import Unsplittable, split
from ..platform.sentences import said

PENDING = ("approval", "queued", "sending", "uncertain", "failed")


class CommunityMention(models.Model):
    """Answering a mention."""

    _inherit = "community.mention"

    reply_ids = fields.One2many("community.reply", "mention_id", string="Our answers")

    def _reply_channel(self):
        """Return the account that answers this mention: the one it came through, else one of the same network."""
        self.ensure_one()
        own = self.channel_id
        if own and own.active and own.state != "draft":
            return own
        return self._reply_channels()[:1]

    def _reply_channels(self):
        """Return the accounts that can answer this mention, the one it came through first."""
        found = self.env["community.channel"].search(
            [
                ("network", "=", self.network),
                ("company_id", "=", self.company_id.id),
                ("state", "!=", "draft"),
            ]
        )
        found = found.filtered(lambda channel: channel == self.channel_id or channel._reaches(self))
        return found.sorted(lambda channel: channel != self.channel_id)

    def _target(self, channel):
        """Return this mention as connectors take it.

        :param channel: the ``community.channel`` that answers
        :rtype: community_manager.connectors.items.Target
        """
        self.ensure_one()
        author = self.author_id
        return Target(
            external_id=self.external_id,
            realm=None if self.realm == f"channel:{channel.id}" else self.realm,
            kind=self.kind,
            visibility=self.visibility,
            url=self.url or "",
            text=self.text or "",
            author_id=author.external_id or "",
            author_handle=author.handle or "",
            published_at=self.published_at.replace(tzinfo=UTC),
            conversation_id=self.conversation_id.external_id or "",
            identifiers=self.identifiers or {},
        )

    # -- the reply box ---------------------------------------------------------------------------------------------

    @api.readonly
    def get_reply_options(self):
        """Return what the reply box needs: ways to answer, accounts, and what is on its way already.

        :rtype: dict
        """
        self.ensure_one()
        self.check_access("read")
        channel = self._reply_channel()
        ways = self._reply_ways(channel)
        # searched, for drafts of colleagues are out of reach
        waiting = [("mention_id", "=", self.id), ("state", "in", PENDING)]
        pending = self.env["community.reply"].search(waiting, order="id")
        draft = self._begun_draft()
        return {
            "ways": ways,
            "channel_id": channel.id,
            "channels": [
                {
                    "id": one.id,
                    "name": one.name,
                    "account": one.account_name or "",
                    "icon": self.env["community.network"]._icon_url(one.network),
                }
                for one in self._reply_channels()
            ]
            if ways
            else [],
            "reason": "" if ways else self._no_answer_reason(),
            "held": self._hold_reason(channel, ways[0]["way"]) if ways else "",
            "replies": [reply._box_entry() for reply in pending if reply.previous_id not in pending],
            "draft": draft._draft_entry() if draft else False,
            "private_data": self._private_data_entry(),
            **self._seen(),
        }

    def _reply_ways(self, channel):
        """Return the ways in which an account can answer this mention, with what the reply box shows of them."""
        cls = network_class(self.network)
        if not cls or not channel or self.deleted_at:
            return []
        target = self._target(channel)
        labels = {
            "reply": self.env._("Answer where it stands"),
            "message": self.env._("Private message to the author"),
        }
        if self.visibility == "direct":
            labels = dict.fromkeys(labels, self.env._("Private answer"))
        media, found = cls.media, []
        for way in cls.ways(target):
            closed = cls.objection(Outgoing(key="", text=".", way=way, target=target))
            files = media if media and way in media.ways else None
            found.append(
                {
                    "way": way,
                    "label": labels[way],
                    "limit": cls.limit(way),
                    "private": way == "message" or self.visibility == "direct",
                    "closed": said(self.env, closed) if closed else "",
                    "threads": cls.threads,
                    "files": files and {"most": files.most, "kinds": ",".join(files.mimetypes), "alt": files.alt},
                }
            )
        return found

    def _hold_reason(self, channel, way):
        """Return what would hold back an answer that is written now; ``""`` when nothing does."""
        values = {"company_id": self.company_id.id, "channel_id": channel.id, "mention_id": self.id, "way": way}
        reply = self.env["community.reply"].sudo().new(values)
        reason, _until = reply._find_holds().get(reply.id, ("", False))
        return reason

    def _no_answer_reason(self):
        if self.deleted_at:
            return self.env._("This was deleted on the network, so it cannot be answered.")
        cls = network_class(self.network)
        if cls is None or not (cls.can("reply") or cls.can("message")):
            return self.env._("This network cannot be answered from here.")
        if not self._reply_channels():
            return self.env._("No account of this network is connected.")
        return self.env._("This network does not let us answer this.")

    @api.readonly
    def check_reply(self, text, way, channel_id=False):
        """Return how long a text is in the network's own counting, and why it cannot be sent, if so.

        ``proposal`` is another way in which it could be, ``parts`` of how many
        parts it would be as a thread (0: that is not possible), ``approval``
        why somebody would have to approve it, ``warnings`` see :meth:`_reply_warnings`.

        :param str text: as typed so far
        :param str way: "reply" or "message"
        :rtype: dict
        """
        self.ensure_one()
        self.check_access("read")
        channel = self.env["community.channel"].browse(channel_id) if channel_id else self._reply_channel()
        cls = network_class(self.network)
        if cls is None or way not in ("reply", "message"):
            nothing = {"proposal": False, "parts": 0, "warnings": [], "approval": []}
            return {"length": len(text), "limit": 0, "objection": self._no_answer_reason(), **nothing}
        files = self._own_draft()._outgoing_files() if cls.media else ()
        outgoing = Outgoing(key="", text=text, way=way, target=self._target(channel), attachments=files)
        sentence, begun = cls.objection(outgoing), bool(text.strip())
        return {
            "length": cls.length(text),
            "limit": cls.limit(way),
            "objection": said(self.env, sentence) if sentence and begun else "",
            "proposal": self._other_way(outgoing, channel) if sentence and begun else False,
            "parts": self._count_parts(text, outgoing) if sentence and begun and cls.threads else 0,
            "warnings": self._reply_warnings(text, way, channel) if begun else [],
            "approval": self._approval_before(text, way, channel) if begun and not sentence else [],
        }

    def _other_way(self, outgoing, channel):
        """Return another way in which this could be said, as the reply box offers it, or False."""
        for entry in self._reply_ways(channel):
            other = replace(outgoing, way=entry["way"])
            if entry["way"] != outgoing.way and network_class(self.network).objection(other) is None:
                return {"way": entry["way"], "label": entry["label"]}
        return False

    def _count_parts(self, text, outgoing):
        """Return in how many parts a text would go out as a thread, 0 when that is not possible."""
        cls = network_class(self.network)
        if cls.objection(replace(outgoing, text=".")) is not None:
            return 0
        try:
            return len(split(text, lambda piece: cls.objection(replace(outgoing, text=piece)) is None))
        except Unsplittable:
            return 0

    def _approval_before(self, text, way, channel):
        """Return why somebody would have to approve this answer, as sentences."""
        values = {"company_id": self.company_id.id, "channel_id": channel.id, "mention_id": self.id, "way": way}
        return self.env["community.reply"].new({**values, "text": text, "user_id": self.env.uid})._approval_reasons()

    def _reply_warnings(self, text, way, channel):
        """Return what the writer of an answer should know before it is sent; rooms extend this.

        :param str text: as typed so far
        :param str way: "reply" or "message"
        :param channel: the ``community.channel`` that it would be sent from
        :returns: list of dicts with ``code`` (what kind of warning), ``text`` (a sentence) and ``way`` (another way
            that is proposed, or ``""``)
        """
        self.ensure_one()
        return []

    @api.readonly
    def get_suggestions(self, query="", way="reply", channel_id=False):
        """Return texts that could answer this mention, for the composer, the best first.

        :param str query: what the writer looks for; empty: what fits the mention
        :param str way: "reply" or "message"
        :param int channel_id: of the account that would answer; the usual one when empty
        :rtype: list of dicts, see :meth:`_suggestions`
        """
        self.ensure_one()
        self.check_access("read")
        channel = self.env["community.channel"].browse(channel_id) if channel_id else self._reply_channel()
        return self._suggestions((query or "").strip(), way, channel)

    def _suggestions(self, query, way, channel):
        """Return texts that could answer this mention; rooms extend this.

        :returns: list of dicts with ``kind`` ("statement", "template", "answer"…), ``id``, ``title``, ``text`` (ready
            to be put into the composer), ``note`` (a sentence about it) and ``warning`` (a sentence, or ``""``)
        """
        self.ensure_one()
        return []

    def _reply(self, text, way="reply", channel=None):
        """Create an answer and queue it.

        :param str text: plain text
        :param str way: "reply" (where it stands) or "message" (private, to its author)
        :param channel: the ``community.channel`` to send from, else the usual one
        :returns: the ``community.reply``
        :raises UserError: with the reason why it cannot be sent
        """
        self.ensure_one()
        channel = channel or self._reply_channel()
        if not channel:
            raise UserError(self._no_answer_reason())
        if not (text or "").strip():
            raise UserError(self.env._("There is nothing to say yet."))
        reply = self.env["community.reply"].create(
            {
                "mention_id": self.id,
                "company_id": self.company_id.id,
                "channel_id": channel.id,
                "way": way,
                "text": text.strip(),
            }
        )
        reply.action_queue()
        return reply

    def _note_answer_begun(self, user):
        """Somebody answers these mentions: they are no longer new, and theirs unless somebody has them."""
        for mention in self:
            values = {"state": "open"} if mention.state == "new" else {}
            if not mention.user_id:
                values["user_id"] = user.id
            if values:
                mention.write(values)

    def _note_answered(self):
        """What we said has arrived: nothing is left to do until the person comes back."""
        self.filtered(lambda mention: mention.state in ("new", "open")).write({"state": "done"})

    def action_open_replies(self):
        """Open what we answered."""
        action = self.env["ir.actions.act_window"]._for_xml_id("community_manager.action_outbox")
        return {**action, "domain": [("mention_id", "in", self.ids)], "context": {}}
