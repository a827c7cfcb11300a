from markupsafe import Markup

from odoo import api, fields, models
from odoo.tools import format_datetime

#: characters of a text that a card shows, about three lines
EXCERPT_LENGTH = 240
#: mentions of one conversation that the form shows; the rest is one click away
CONVERSATION_LENGTH = 200
#: answers to answers are indented up to here, so that a phone can still show them
DEEPEST = 4


class CommunityMention(models.Model):
    """What the inbox shows of a mention."""

    _inherit = "community.mention"

    excerpt = fields.Char(compute="_compute_excerpt", string="Beginning of the text")
    opening = fields.Char(compute="_compute_excerpt", string="Title and beginning")
    is_risk = fields.Boolean(compute="_compute_is_risk", string="Risk", help="One of its topics is a risk.")

    @api.depends("title", "text", "deleted_at")
    def _compute_excerpt(self):
        for mention in self:
            if mention.deleted_at:
                mention.excerpt = mention.opening = self.env._("Deleted on the network")
                continue
            words = " ".join((mention.text or "").split())
            if len(words) > EXCERPT_LENGTH:
                words = words[:EXCERPT_LENGTH].rsplit(" ", 1)[0] + "…"
            mention.excerpt = words
            mention.opening = " · ".join(part for part in (mention.title, words) if part)

    @api.depends("topic_ids.kind")
    def _compute_is_risk(self):
        for mention in self:
            mention.is_risk = "risk" in mention.topic_ids.mapped("kind")

    @api.model
    def get_empty_list_help(self, help_message):
        """Offer the step that is still missing before mentions can arrive."""
        help_message = super().get_empty_list_help(help_message)
        return Markup(help_message or "") + self.env["community.channel"]._next_step()

    @api.readonly
    def get_conversation(self):
        """Return what the conversation around this mention shows, oldest first.

        :rtype: dict
        """
        self.ensure_one()
        self.check_access("read")
        mentions = self
        total = 1
        if self.conversation_id:
            domain = [("conversation_id", "=", self.conversation_id.id)]
            total = self.search_count(domain)
            mentions = self.search(domain, limit=CONVERSATION_LENGTH, order="published_at desc, id desc") | self
        mentions = mentions.sorted(lambda mention: (mention.published_at, mention.id))
        depths = mentions._reply_depths()
        return {
            "total": total,
            "conversation_id": self.conversation_id.id,
            "mentions": [mention._conversation_entry(depths[mention.id], mention == self) for mention in mentions],
        }

    def _reply_depths(self):
        """Return ``{id: how many answers deep}``, as far as the mentions answered are among these."""
        by_identity = {(mention.realm, mention.external_id): mention for mention in self}
        depths = {}
        for mention in self:
            depth, current, seen = 0, mention, {mention.id}
            while depth < DEEPEST and current.parent_external_id:
                current = by_identity.get((current.realm, current.parent_external_id))
                if current is None or current.id in seen:
                    break
                seen.add(current.id)
                depth += 1
            depths[mention.id] = depth
        return depths

    def _conversation_entry(self, depth, current):
        return {
            "id": self.id,
            "current": current,
            "depth": depth,
            "author": self.author_id.display_name or self.env._("Unknown author"),
            "author_id": self.author_id.id,
            "handle": self.author_id.handle or "",
            "outgoing": self.outgoing,
            "title": self.title or "",
            "body": self.body or "",
            "url": self.url if _is_web(self.url) else "",
            "published_at": fields.Datetime.to_string(self.published_at),
            "edited_at": fields.Datetime.to_string(self.edited_at) if self.edited_at else False,
            "deleted": bool(self.deleted_at),
            "visibility": self.visibility,
            "visibility_label": dict(self._fields["visibility"]._description_selection(self.env))[self.visibility],
            "rating": self.rating,
            "likes": self.likes,
            "shares": self.shares,
            "versions": [
                {
                    "id": version.id,
                    "title": version.title or "",
                    "text": version.text or "",
                    "until": format_datetime(self.env, version.replaced_at),
                }
                for version in self.version_ids
            ],
            # only addresses: nothing of it is loaded until somebody clicks
            "attachments": [
                {"url": entry["url"], "kind": entry.get("kind") or "", "alt": entry.get("alt") or ""}
                for entry in self.attachments or ()
                if _is_web(entry.get("url"))
            ],
        }


def _is_web(url):
    """Return whether an address may become a link: what a network sends could as well be a script."""
    return isinstance(url, str) and url.startswith(("https://", "http://"))
