from odoo import api, fields, models
from odoo.exceptions import UserError

from ..connectors.items import MentionItem
from ..models.platform.sentences import said

#: items that the last step shows
SAMPLE = 10
#: characters of each that are shown
SAMPLE_LENGTH = 300


class CommunityChannelWizard(models.TransientModel):
    """Connecting a channel, step by step.

    The channel itself is made as a draft in the first step and everything is kept there, so the wizard can be left and
    taken up again.  Above all, what is typed as access goes straight to the channel: rows of this model are plain, and
    no secret may lie in one.
    """

    _name = "community.channel.wizard"
    _description = "Connect a Channel"

    step = fields.Selection(
        [("access", "Access"), ("test", "Test"), ("topics", "Topics"), ("preview", "First mentions")],
        default="access",
        required=True,
    )
    channel_id = fields.Many2one("community.channel", required=True, ondelete="cascade")
    network = fields.Selection(related="channel_id.network")
    network_name = fields.Char(compute="_compute_network")
    network_description = fields.Char(compute="_compute_network")
    cost_note = fields.Char(compute="_compute_network")
    guide = fields.Json(compute="_compute_network", help="How to get access, step by step.")
    redirect_address = fields.Char(
        compute="_compute_network", help="Where the network sends people back to: enter it there in the application."
    )
    authorises = fields.Boolean(compute="_compute_network", help="Access is granted on the network's own pages.")
    name = fields.Char(related="channel_id.name", readonly=False, string="Name of the channel")
    company_id = fields.Many2one(related="channel_id.company_id")
    access_form = fields.Json(compute="_compute_access_form", inverse="_inverse_access_form")
    is_pushed = fields.Boolean(compute="_compute_network", help="Others write to this channel, signed with a key.")
    can_listen = fields.Boolean(related="channel_id.can_listen")
    alias_email = fields.Char(related="channel_id.alias_email")
    topic_ids = fields.Many2many(related="channel_id.topic_ids", readonly=False, string="Listen for")
    new_topic = fields.Char(string="New topic")
    new_words = fields.Text(string="Its words, one a line")
    account = fields.Char(readonly=True)
    can = fields.Json(readonly=True)
    missing = fields.Json(readonly=True)
    problem = fields.Text(readonly=True, string="What is in the way")
    sample = fields.Json(readonly=True)
    findings = fields.Html(compute="_compute_findings", sanitize=False)
    preview = fields.Html(compute="_compute_preview", sanitize=False)

    @api.depends("network")
    def _compute_network(self):
        for wizard in self:
            network = self.env["community.network"].search([("code", "=", wizard.network)], limit=1)
            cls = wizard.channel_id._connector_class()
            wizard.network_name = network.name
            wizard.network_description = network.description
            wizard.cost_note = network.cost_note
            wizard.is_pushed = cls.can("push") and any(setting.generated for setting in cls.settings)
            wizard.guide = wizard.channel_id._guide()
            wizard.authorises = bool(cls.authorization)
            needs_address = cls.authorization and not cls.authorization.dynamic
            wizard.redirect_address = wizard.channel_id._redirect_address() if needs_address else False

    @api.depends("channel_id")
    def _compute_access_form(self):
        for wizard in self:
            wizard.access_form = wizard.channel_id.access_form

    def _inverse_access_form(self):
        for wizard in self:
            form = wizard.access_form
            # what was typed must not be read back from the cache of this row
            wizard.invalidate_recordset(["access_form"], flush=False)
            if form and form.get("values"):
                wizard.channel_id.access_form = {"values": form["values"]}
                wizard.write({"account": False, "can": False, "missing": False, "problem": False, "sample": False})

    @api.depends("account", "can", "missing", "problem")
    def _compute_findings(self):
        for wizard in self:
            wizard.findings = self.env["ir.qweb"]._render(
                "community_manager.channel_wizard_findings",
                {
                    "account": wizard.account,
                    "problem": wizard.problem,
                    "can_listen": wizard.can_listen,
                    "can": wizard.can or [],
                    "missing": wizard.missing or [],
                },
            )

    @api.depends("sample", "topic_ids")
    def _compute_preview(self):
        ingest = self.env["community.ingest"]
        topics = self.env["community.topic"]
        for wizard in self:
            entries = []
            for row in wizard.sample or ():
                item = MentionItem(external_id="sample", title=row["title"], text=row["text"], origin=row["origin"])
                found = topics.browse(ingest._topics_of(wizard.channel_id, item))
                entries.append(
                    {
                        **row,
                        "published_at": row["published_at"] and fields.Datetime.to_datetime(row["published_at"]),
                        "topics": found.mapped("name"),
                        "kept": row["origin"] == "own" or bool(found),
                    }
                )
            wizard.preview = self.env["ir.qweb"]._render(
                "community_manager.channel_wizard_preview",
                {
                    "entries": entries,
                    "kept": sum(entry["kept"] for entry in entries),
                    "topics": self.env["community.topic"].search_count([], limit=1),
                    "can_listen": wizard.can_listen,
                },
            )

    # -- buttons ---------------------------------------------------------------------------------------------------

    def action_authorise(self):
        """Go to the network, where access is granted."""
        self.ensure_one()
        return self.channel_id.action_authorise()

    def action_load_choices(self):
        """Ask the network what can be chosen."""
        self.ensure_one()
        self.channel_id.action_load_choices()
        return True

    def action_test(self):
        """Ask the network who we are there and what we may do."""
        self.ensure_one()
        values = {"step": "test", "account": False, "can": False, "missing": False, "problem": False, "sample": False}
        try:
            with self.env.cr.savepoint():
                check = self.channel_id._try_access()
        except UserError as error:
            values["problem"] = str(error)
        else:
            values |= {
                "account": check.account or False,
                "can": [said(self.env, sentence) for sentence in check.can],
                "missing": [said(self.env, sentence) for sentence in check.missing],
                "sample": [_sample_row(item) for item in check.sample[:SAMPLE]],
            }
            if not check.ok and not check.missing:
                values["problem"] = self.env._("The network answers, but not as it should.")
        self.write(values)
        return self._reopen()

    def action_to_topics(self):
        """Go on to the topics."""
        self.step = "topics"
        return self._reopen()

    def action_to_preview(self):
        """Go on to the first mentions."""
        self._add_topic()
        self.step = "preview"
        return self._reopen()

    def action_add_topic(self):
        """Make the topic that was typed and stay here."""
        if not (self.new_topic or "").strip():
            raise UserError(self.env._("Enter a name for the topic."))
        self._add_topic()
        return self._reopen()

    def action_back(self):
        """Go one step back; what was entered is kept."""
        steps = [code for code, _label in self._fields["step"].selection]
        self.step = steps[max(0, steps.index(self.step) - 1)]
        return self._reopen()

    def action_start(self):
        """Start listening and show the channel."""
        self.channel_id.action_start()
        if self.channel_id.network == "import":
            return self.channel_id.action_import()
        return self._open_channel()

    def action_later(self):
        """Keep the draft and show it; it can be taken up again."""
        return self._open_channel()

    def _add_topic(self):
        name = (self.new_topic or "").strip()
        if not name:
            return
        words = [line.strip() for line in (self.new_words or "").splitlines() if line.strip()] or [name]
        topic = self.env["community.topic"].create(
            {
                "name": name,
                "company_id": self.channel_id.company_id.id,
                "keyword_ids": [fields.Command.create({"name": word}) for word in words],
            }
        )
        if self.topic_ids:  # an empty choice listens for every topic, this one too
            self.topic_ids += topic
        self.write({"new_topic": False, "new_words": False})

    def _open_channel(self):
        return {
            "type": "ir.actions.act_window",
            "res_model": "community.channel",
            "res_id": self.channel_id.id,
            "views": [(False, "form")],
            "target": "main",
        }

    def _reopen(self):
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Connect a channel: %s", self.network_name),
            "res_model": self._name,
            "res_id": self.id,
            "views": [(False, "form")],
            "target": "new",
        }


def _sample_row(item):
    """Return what the preview shows of an item, JSON-able."""
    author = item.author
    text = " ".join((item.text or "").split())
    return {
        "author": (author.name or author.handle or author.external_id) if author else "",
        "title": item.title or "",
        "text": text if len(text) <= SAMPLE_LENGTH else text[:SAMPLE_LENGTH].rsplit(" ", 1)[0] + "…",
        "url": item.url or "",
        "origin": item.origin,
        "published_at": item.published_at and item.published_at.strftime("%Y-%m-%d %H:%M:%S"),
    }
