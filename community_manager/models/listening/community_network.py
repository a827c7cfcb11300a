from functools import cache

from odoo import api, fields, models
from odoo.tools import SQL, file_path

from ...connectors import networks


class CommunityNetwork(models.Model):
    """A network that a connector is installed for, so that rules and screens can point at it.

    The connectors are the truth: the records follow them, whatever file adds a network.
    """

    _name = "community.network"
    _description = "Network"
    _order = "sequence, code"
    _rec_name = "code"
    _log_access = False

    code = fields.Char(required=True, readonly=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(
        default=True, help="Off when its connector, or the module it reads, is not installed any more."
    )
    name = fields.Char(compute="_compute_description")
    description = fields.Char(compute="_compute_description")
    kind = fields.Selection(selection="_selection_kind", compute="_compute_description")
    scope = fields.Selection(selection="_selection_scope", compute="_compute_description")
    cost_note = fields.Char(compute="_compute_description")
    icon_url = fields.Char(compute="_compute_description")
    can_listen = fields.Boolean(compute="_compute_description")
    can_answer = fields.Boolean(compute="_compute_description")
    can_publish = fields.Boolean(compute="_compute_description")
    can_push = fields.Boolean(compute="_compute_description")
    channel_count = fields.Integer(compute="_compute_channel_count")

    _unique_code = models.UniqueIndex("(code)", "This network is known already.")

    @api.model
    def _selection_kind(self):
        kinds = {
            "social": self.env._("Social network"),
            "blog": self.env._("Blog"),
            "forum": self.env._("Forum"),
            "wiki": self.env._("Wiki"),
            "reviews": self.env._("Reviews"),
            "qa": self.env._("Questions and answers"),
            "aggregator": self.env._("Aggregator"),
            "messaging": self.env._("Messaging"),
            "website": self.env._("Website"),
            "import": self.env._("Files"),
        }
        return list(kinds.items())

    @api.model
    def _selection_scope(self):
        scopes = {
            "horizontal": self.env._("Horizontal (for everybody)"),
            "vertical": self.env._("Vertical (a specialised community)"),
        }
        return list(scopes.items())

    @api.model
    def _icon_url(self, code):
        """Return the address of a network's icon, bundled with the addon."""
        return f"/{_icon_path(code)}" if code else False

    @api.model
    def _offered(self):
        """Return ``{code: class}`` of the networks that can be had here.

        Networks of this very Odoo need models that belong to optional modules.
        """
        return {code: cls for code, cls in networks().items() if all(name in self.env for name in cls.needs_models)}

    @api.depends("code")
    @api.depends_context("lang")
    def _compute_description(self):
        known = networks()
        for network in self:
            cls = known.get(network.code)
            network.name = self.env._(cls.label) if cls else network.code
            network.description = self.env._(cls.description) if cls and cls.description else False
            network.kind = cls.kind if cls else False
            network.scope = cls.scope if cls else False
            network.cost_note = self.env._(cls.cost_note) if cls and cls.cost_note else False
            network.icon_url = self._icon_url(network.code)
            network.can_listen = bool(cls) and any(map(cls.can, ("listen", "push", "mail")))
            network.can_answer = bool(cls) and (cls.can("reply") or cls.can("message"))
            network.can_publish = bool(cls) and cls.can("publish")
            network.can_push = bool(cls) and cls.can("push")

    @api.depends("code", "name")
    @api.depends_context("lang")
    def _compute_display_name(self):
        for network in self:
            network.display_name = network.name

    def _compute_channel_count(self):
        connected = [("state", "!=", "draft")]
        counts = dict(self.env["community.channel"]._read_group(connected, ["network"], ["__count"]))
        for network in self:
            network.channel_count = counts.get(network.code, 0)

    @api.model
    def _sync(self):
        """Create a record for each connector that has none; archive those whose connector is gone."""
        codes = set(self._offered())
        records = self.sudo().with_context(active_test=False).search([])
        for network in records:
            if network.active != (network.code in codes):
                network.active = network.code in codes
        self.sudo().create([{"code": code} for code in sorted(codes - set(records.mapped("code")))])

    def _register_hook(self):
        super()._register_hook()
        # two servers may start at once: only what is missing is added, and adding it twice is no error
        codes = list(self._offered())
        self.env.cr.execute(
            SQL(
                "INSERT INTO %s (code, sequence, active)"
                " SELECT wanted.code, 10, true FROM unnest(%s::varchar[]) AS wanted(code)"
                " WHERE NOT EXISTS (SELECT 1 FROM %s known WHERE known.code = wanted.code) ON CONFLICT DO NOTHING",
                SQL.identifier(self._table),
                codes,
                SQL.identifier(self._table),
            )
        )
        # those of optional modules come and go with them
        optional = [code for code, cls in networks().items() if cls.needs_models]
        self.env.cr.execute(
            SQL(
                "UPDATE %s SET active = code = ANY(%s) WHERE code = ANY(%s) AND active != (code = ANY(%s))",
                SQL.identifier(self._table),
                codes,
                optional,
                codes,
            )
        )


@cache
def _icon_path(code):
    """Return the file of a network's icon, or of the one that stands for networks that bring none."""
    path = f"community_manager/static/img/networks/{code}.svg"
    try:
        file_path(path)
    except FileNotFoundError:
        return "community_manager/static/img/networks/generic.svg"
    return path
