from markupsafe import Markup

from odoo import api, fields, models
from odoo.tools import html_escape, is_html_empty
from odoo.tools.mail import plaintext2html

#: characters of a text that lists and names show
SUMMARY_LENGTH = 120
#: context key: why texts are removed, when it is not that they were deleted on the network
GONE_BECAUSE = "community_gone_because"


class CommunityMention(models.Model):
    """A post, comment, review, article or message that concerns the company."""

    _name = "community.mention"
    _description = "Mention"
    _inherit = ["mail.thread", "mail.activity.mixin", "community.bulk", "community.told"]
    _order = "published_at desc, id desc"
    _rec_name = "summary"
    _rec_names_search = ["title", "text"]
    _mail_post_access = "read"
    _told = frozenset(
        "company_id channel_id network realm external_id parent_external_id conversation_id author_id kind visibility"
        " origin outgoing title text url published_at edited_at deleted_at identifiers attachments rating".split()
    )

    company_id = fields.Many2one("res.company", required=True, readonly=True)
    channel_id = fields.Many2one("community.channel", readonly=True, index=True, ondelete="set null")
    channel_name = fields.Char(readonly=True, string="Channel that was deleted")
    network = fields.Selection(
        selection=lambda self: self.env["community.channel"]._selection_network(), required=True, readonly=True
    )
    icon_url = fields.Char(compute="_compute_icon_url")
    kind = fields.Selection(
        [
            ("post", "Post"),
            ("comment", "Comment"),
            ("review", "Review"),
            ("article", "Article"),
            ("message", "Message"),
        ],
        default="post",
        required=True,
        readonly=True,
    )
    realm = fields.Char(required=True, default="", readonly=True)
    external_id = fields.Char(required=True, readonly=True, string="Identifier on the network")
    parent_external_id = fields.Char(readonly=True, string="Answers")
    parent_id = fields.Many2one("community.mention", compute="_compute_parent_id", string="In answer to")
    conversation_id = fields.Many2one(
        "community.conversation", readonly=True, index=True, ondelete="set null", copy=False
    )
    conversation_mention_ids = fields.One2many(related="conversation_id.mention_ids", string="Conversation so far")
    author_id = fields.Many2one("community.author", readonly=True, index=True, ondelete="restrict")
    author_handle = fields.Char(related="author_id.handle")
    author_url = fields.Char(related="author_id.url")
    audience = fields.Integer(related="author_id.followers", string="Followers of the author")
    partner_id = fields.Many2one(related="author_id.partner_id", string="Contact", readonly=False)
    title = fields.Char(readonly=True)
    text = fields.Text(readonly=True)
    summary = fields.Char(compute="_compute_summary")
    body = fields.Html(compute="_compute_body", sanitize=False, help="The text, made safe, with what matched marked.")
    url = fields.Char(readonly=True, string="Link")
    published_at = fields.Datetime(readonly=True, required=True, index=True)
    edited_at = fields.Datetime(readonly=True)
    language = fields.Char(readonly=True)
    visibility = fields.Selection(
        [("public", "Public"), ("unlisted", "Unlisted"), ("private", "Followers only"), ("direct", "Private message")],
        default="public",
        required=True,
        readonly=True,
    )
    origin = fields.Selection(
        [("own", "Addressed to us"), ("search", "Found")], default="search", required=True, readonly=True
    )
    outgoing = fields.Boolean(readonly=True, string="Written by us")
    topic_ids = fields.Many2many(
        "community.topic", "community_mention_topic_rel", "mention_id", "topic_id", string="Topics"
    )
    matched = fields.Char(readonly=True, string="Words that matched")
    state = fields.Selection(
        [
            ("new", "New"),
            ("open", "In progress"),
            ("waiting", "Waiting for an answer"),
            ("done", "Done"),
            ("ignored", "Ignored"),
        ],
        default="new",
        required=True,
        tracking=True,
        group_expand=True,
    )
    priority = fields.Selection(
        [("0", "Normal"), ("1", "Important"), ("2", "High"), ("3", "Urgent")], default="0", tracking=True
    )
    user_id = fields.Many2one("res.users", string="Assigned to", tracking=True, index="btree_not_null")
    deleted_at = fields.Datetime(readonly=True, string="Deleted on the network")
    gone_because = fields.Selection(
        [("network", "Deleted on the network"), ("erased", "Erased on request"), ("time", "Its time was over")],
        readonly=True,
        string="Text removed because",
    )
    version_ids = fields.One2many("community.mention.version", "mention_id", string="Earlier texts", readonly=True)
    version_count = fields.Integer(compute="_compute_version_count")
    identifiers = fields.Json(readonly=True)
    attachments = fields.Json(readonly=True)
    likes = fields.Integer(readonly=True)
    shares = fields.Integer(readonly=True)
    replies = fields.Integer(readonly=True)
    rating = fields.Float(readonly=True, string="Stars")

    _unique_identity = models.UniqueIndex("(company_id, network, realm, external_id)")
    _inbox = models.Index("(company_id, state, published_at)")
    _answers = models.Index("(parent_external_id, realm) WHERE parent_external_id IS NOT NULL")

    @api.depends("network")
    def _compute_icon_url(self):
        for mention in self:
            mention.icon_url = self.env["community.network"]._icon_url(mention.network)

    @api.depends("realm", "parent_external_id")
    def _compute_parent_id(self):
        wanted = self.filtered("parent_external_id")
        parents = self.search(
            [
                ("company_id", "in", wanted.company_id.ids),
                ("network", "in", list(set(wanted.mapped("network")))),
                ("external_id", "in", list(set(wanted.mapped("parent_external_id")))),
            ]
        )
        by_identity = {(p.company_id, p.network, p.realm, p.external_id): p for p in parents}
        for mention in self:
            identity = (mention.company_id, mention.network, mention.realm, mention.parent_external_id)
            mention.parent_id = by_identity.get(identity, False)

    def _gone_sentence(self, long=False):
        """Return why the text of this mention is not kept.

        :param bool long: as a whole sentence
        """
        if self.gone_because == "erased":
            return self.env._("Erased at the person's request")
        if self.gone_because == "time":
            return self.env._("Removed when its time was over")
        if long:
            return self.env._("The author deleted this on the network, so its text is not kept.")
        return self.env._("Deleted on the network")

    @api.depends("title", "text", "kind", "deleted_at", "gone_because")
    def _compute_summary(self):
        for mention in self:
            if mention.deleted_at:
                mention.summary = mention._gone_sentence()
                continue
            # the title of a comment is made by the site: it repeats the article's
            texts = (mention.title, mention.text)
            first, second = reversed(texts) if mention.kind == "comment" else texts
            words = " ".join((first or second or "").split())
            mention.summary = words[:SUMMARY_LENGTH] + ("…" if len(words) > SUMMARY_LENGTH else "") or "…"

    @api.depends("text", "deleted_at", "topic_ids")
    def _compute_body(self):
        matcher = self.env["community.topic"]._matcher
        for mention in self:
            if mention.deleted_at:
                sentence = mention._gone_sentence(long=True)
                mention.body = Markup("<p class='text-muted fst-italic'>%s</p>") % sentence
                continue
            text = mention.text or ""
            spans = []
            if mention.topic_ids and text:
                found = matcher(mention.company_id.id).match(text)
                spans = sorted(
                    (start, _word_end(text, end) if "*" in keyword else end)
                    for topic_id, hits in found.items()
                    if topic_id in mention.topic_ids.ids
                    for start, end, keyword in hits
                )
            mention.body = _marked(text, spans)

    def _compute_version_count(self):
        counts = dict(
            self.env["community.mention.version"]._read_group(
                [("mention_id", "in", self.ids)], ["mention_id"], ["__count"]
            )
        )
        for mention in self:
            mention.version_count = counts.get(mention, 0)

    def write(self, vals):
        result = super().write(vals)
        if "state" in vals:
            self.conversation_id._follow_mentions()
        return result

    # -- buttons ---------------------------------------------------------------------------------------------------

    def action_assign_to_me(self):
        """Take these mentions."""
        self.write({"user_id": self.env.uid})
        self.filtered(lambda mention: mention.state == "new").write({"state": "open"})

    def action_done(self):
        """Nothing is left to do for these mentions."""
        self.write({"state": "done"})

    def action_ignore(self):
        """These mentions need no answer."""
        self.write({"state": "ignored"})

    def action_reopen(self):
        """Back into the inbox."""
        self.write({"state": "open"})

    def action_open_network(self):
        """Open the original."""
        self.ensure_one()
        return {"type": "ir.actions.act_url", "url": self.url, "target": "new"}

    # -- what the networks tell ------------------------------------------------------------------------------------

    def _erase_content(self, when=None):
        """Remove what was said, here and in earlier texts: it was deleted on the network.

        With another reason (see ``gone_because``) in the context under :data:`GONE_BECAUSE` no note says so on each
        mention: whoever removes thousands notes it once, elsewhere.

        :param datetime when: naive UTC time at which that was noticed
        """
        because = self.env.context.get(GONE_BECAUSE, "network")
        alive = self.filtered(lambda mention: not mention.deleted_at)
        alive.version_ids.sudo().unlink()
        alive.sudo().write(
            {
                "deleted_at": when or fields.Datetime.now(),
                "gone_because": because,
                "title": False,
                "text": False,
                "matched": False,
                "attachments": False,
            }
        )
        for mention in alive if because == "network" else ():
            mention.message_post(
                body=self.env._("Deleted on the network; its text was removed here too."),
                subtype_xmlid="mail.mt_note",
            )


def _word_end(text, position):
    """Return where the word ends that goes on at ``position``: of "desk*" it is the whole word that was found."""
    while position < len(text) and (text[position].isalnum() or text[position] == "_"):
        position += 1
    return position


def _marked(text, spans):
    """Return ``text`` as safe HTML with the characters in ``spans`` marked.

    :param str text: plain
    :param spans: sorted (start, end) pairs
    """
    if not spans:
        return plaintext2html(text) if text else Markup("")
    pieces, position = [], 0
    for start, end in spans:
        if start < position:
            continue
        pieces += [html_escape(text[position:start]), Markup("<mark>%s</mark>") % text[start:end]]
        position = end
    pieces.append(html_escape(text[position:]))
    html = Markup("").join(pieces).replace("\n", Markup("<br/>"))
    return Markup("") if is_html_empty(html) else Markup("<p>%s</p>") % html
