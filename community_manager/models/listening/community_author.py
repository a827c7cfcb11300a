from odoo import api, fields, models


class CommunityAuthor(models.Model):
    """A profile on a network.  The person behind it is a contact, once that is known."""

    _name = "community.author"
    _description = "Author"
    _inherit = ["community.bulk", "community.told"]
    _order = "name, id"
    _told = frozenset(("company_id", "network", "realm", "external_id", "name", "handle", "url", "email"))

    company_id = fields.Many2one("res.company", required=True, readonly=True)
    network = fields.Selection(
        selection=lambda self: self.env["community.channel"]._selection_network(), required=True, readonly=True
    )
    realm = fields.Char(
        required=True, default="", readonly=True, help="Where the identifier is unique; empty: the whole network."
    )
    external_id = fields.Char(required=True, readonly=True, string="Identifier on the network")
    name = fields.Char(readonly=True)
    handle = fields.Char(readonly=True, index="trigram")
    url = fields.Char(readonly=True, string="Profile")
    avatar_url = fields.Char(readonly=True)
    email = fields.Char(readonly=True, index="btree_not_null")
    followers = fields.Integer(readonly=True)
    bot = fields.Boolean(readonly=True, string="Automated account")
    partner_id = fields.Many2one("res.partner", string="Contact", index="btree_not_null", ondelete="set null")
    link_origin = fields.Selection(
        [
            ("manual", "By hand"),
            ("email", "Same e-mail"),
            ("url", "Verified address"),
            ("handle", "Handle on the contact"),
        ],
        string="Linked by",
        readonly=True,
    )
    link_confidence = fields.Float(readonly=True)
    mention_ids = fields.One2many("community.mention", "author_id")
    mention_count = fields.Integer(compute="_compute_mentions")
    last_seen_at = fields.Datetime(compute="_compute_mentions", string="Last mention")

    _unique_identity = models.UniqueIndex("(company_id, network, realm, external_id)")

    @api.depends("name", "handle", "external_id")
    def _compute_display_name(self):
        for author in self:
            author.display_name = author.name or author.handle or author.external_id

    def _compute_mentions(self):
        rows = self.env["community.mention"]._read_group(
            [("author_id", "in", self.ids)], ["author_id"], ["__count", "published_at:max"]
        )
        figures = {author: values for author, *values in rows}
        for author in self:
            author.mention_count, author.last_seen_at = figures.get(author, (0, False))

    def write(self, vals):
        if "partner_id" in vals and "link_origin" not in vals:
            linked = bool(vals["partner_id"])
            vals = {**vals, "link_origin": "manual" if linked else False, "link_confidence": 1.0 if linked else 0.0}
        return super().write(vals)

    def action_open_mentions(self):
        """Open what these authors said."""
        action = self.env["ir.actions.act_window"]._for_xml_id("community_manager.action_mentions")
        return {**action, "domain": [("author_id", "in", self.ids)], "context": {}}

    # -- from the networks ------------------------------------------------------------------------------------------

    @api.model
    def _upsert(self, channel, items, people=None):
        """Create or refresh the authors of some items.

        :param channel: the ``community.channel`` they came through
        :param items: iterable of :class:`~...connectors.items.AuthorItem`
        :param dict people: filled with ``{author id: {"followers", "partner_id"}}``, which rules want to know
        :returns: ``{(realm, external id): author id}``
        """
        wanted = {(channel._realm(item.realm), item.external_id): item for item in items}
        if not wanted:
            return {}
        query = self._search(
            [
                ("company_id", "=", channel.company_id.id),
                ("network", "=", channel.network),
                ("realm", "in", sorted({realm for realm, _external_id in wanted})),
                ("external_id", "in", sorted({external_id for _realm, external_id in wanted})),
            ]
        )
        # plain rows, for comparing hundreds of records field by field costs as much as storing a hundred
        people = {} if people is None else people
        names = ["id", "realm", "external_id", *self._profile_names(), "partner_id"]
        columns = [self._field_to_sql(self._table, name, query) for name in names]
        ids = {}
        for row in self.env.execute_query(query.select(*columns)):
            stored = dict(zip(names, row, strict=True))
            key = (stored["realm"], stored["external_id"])
            if key not in wanted:
                continue
            ids[key] = stored["id"]
            profile = self._profile_values(wanted[key])
            changed = {name: value for name, value in profile.items() if (stored[name] or False) != (value or False)}
            if changed:
                self.browse(stored["id"]).write(changed)
            followers = profile.get("followers", stored["followers"]) or 0
            people[stored["id"]] = {"followers": followers, "partner_id": stored["partner_id"]}
        # sorted, so that two workers that meet wait for each other instead of locking each other out
        new = sorted(key for key in wanted if key not in ids)
        if new:
            created = self._create_bulk(
                [
                    {
                        "company_id": channel.company_id.id,
                        "network": channel.network,
                        "realm": realm,
                        "external_id": external_id,
                        **self._profile_values(wanted[realm, external_id]),
                    }
                    for realm, external_id in new
                ]
            )
            ids.update(zip(new, created.ids, strict=True))
            created._met()
            for author in created:
                people[author.id] = {"followers": author.followers, "partner_id": author.partner_id.id}
        return ids

    @api.model
    def _profile_values(self, item):
        """Return field values of an item; what the network did not tell is left as it is."""
        values = {
            "name": item.name,
            "handle": item.handle,
            "url": item.url,
            "avatar_url": item.avatar_url,
            "email": item.email,
            "followers": item.followers,
        }
        return {name: value for name, value in values.items() if value not in (None, "")} | {"bot": item.bot}

    @api.model
    def _profile_names(self):
        """Return the fields that :meth:`_profile_values` fills; rooms extend both."""
        return ["name", "handle", "url", "avatar_url", "followers", "bot", "email"]

    def _met(self):
        """Called with authors that were just stored, before the rules ask who they are; rooms extend this.

        Once for each page, in the transaction that stores them: set-wise work only.
        """
