import logging
from dataclasses import dataclass, field
from datetime import timedelta

from odoo import api, fields, models
from odoo.tools import SQL

from ...connectors.errors import AccessDenied, Gone, Malformed, Misconfigured, Refused, TooLarge
from ...connectors.items import Figures
from ...connectors.pool import Job
from .community_ingest import QUIET
from .community_listener import BUDGET, CLAIM_LIMIT

_logger = logging.getLogger(__name__)

#: how old a post may be whose figures are still followed, and how many of a channel are asked for in a day
FOLLOWED = timedelta(days=30)
MOST_THINGS = 100
#: largest whole number that a column holds
LARGEST = 2**31 - 1
#: what says that a network does not give these figures to us: no fault of the channel, and asked again the next day
NOT_GIVEN = (AccessDenied, Gone, Malformed, Misconfigured, Refused, TooLarge, NotImplementedError)
COUNTS = ("views", "likes", "shares", "replies", "clicks")


class CommunityChannelFigure(models.Model):
    """Figures of an account on one day, as its network gives them."""

    _name = "community.channel.figure"
    _description = "Daily Figures of a Channel"
    _order = "date desc, channel_id"
    _rec_name = "date"
    _log_access = False

    channel_id = fields.Many2one("community.channel", required=True, ondelete="cascade", readonly=True)
    company_id = fields.Many2one(related="channel_id.company_id", store=True, index=True)
    network = fields.Selection(related="channel_id.network")
    date = fields.Date(required=True, readonly=True)
    # what a network does not say stays empty in the database, so that averages leave it out
    followers = fields.Integer(readonly=True, aggregator="max")
    posts = fields.Integer(readonly=True, aggregator="max")
    views = fields.Integer(readonly=True, help="Views of the account on the day before.")
    rating = fields.Float(readonly=True, aggregator="avg", string="Stars")

    _unique_day = models.UniqueIndex("(channel_id, date)")

    @api.model
    def _keep(self, channel, day, figures):
        """Keep the figures of a day; what the network does not say this time stays as it is.

        :param figures: :class:`~...connectors.items.Figures`
        """
        names = ("followers", "posts", "views", "rating")
        values = [getattr(figures, name) for name in names]
        if all(value is None for value in values):
            return
        self.env.cr.execute(
            SQL(
                "INSERT INTO %(table)s AS old (channel_id, company_id, date, followers, posts, views, rating)"
                " VALUES (%(channel)s, %(company)s, %(day)s, %(followers)s, %(posts)s, %(views)s, %(rating)s)"
                " ON CONFLICT (channel_id, date) DO UPDATE SET followers = COALESCE(excluded.followers, old.followers),"
                " posts = COALESCE(excluded.posts, old.posts), views = COALESCE(excluded.views, old.views),"
                " rating = COALESCE(excluded.rating, old.rating)",
                table=SQL.identifier(self._table),
                channel=channel.id,
                company=channel.company_id.id,
                day=day,
                rating=figures.rating,
                **{name: _whole(getattr(figures, name)) for name in names[:3]},
            )
        )
        self.invalidate_model(flush=False)


class CommunityMention(models.Model):
    """How often a post was seen, where the network says so."""

    _inherit = "community.mention"

    views = fields.Integer(readonly=True)
    clicks = fields.Integer(readonly=True)


class CommunityChannel(models.Model):
    """Figures of the account, once a day."""

    _inherit = "community.channel"

    figures_on = fields.Date(readonly=True, copy=False, help="The last day whose figures were asked for.")
    figures_problem = fields.Char(readonly=True, copy=False, string="Why there are no figures")
    can_measure = fields.Boolean(compute="_compute_can_measure")

    @api.depends("network")
    def _compute_can_measure(self):
        for channel in self:
            channel.can_measure = channel._can("metrics")

    def action_open_figures(self):
        """Open the daily figures of these channels."""
        action = self.env["ir.actions.act_window"]._for_xml_id("community_manager.action_channel_figures")
        return {**action, "domain": [("channel_id", "in", self.ids)]}

    @api.model
    def _cron_figures(self):
        """Ask for the figures of the day where that has not been done yet."""
        budget = min(BUDGET, self.env["ir.cron"]._commit_progress(0))
        done, left = self._measure_channels(budget)
        self.env["ir.cron"]._commit_progress(done, remaining=left)

    @api.model
    def _measure_channels(self, budget=BUDGET):
        """Ask for the figures of channels whose figures of the day are missing.

        :param float budget: seconds
        :returns: (number of channels done, number of those that are left)
        """
        if self.env["community.home"]._status() not in ("live", "new"):
            return 0, 0
        channels = self.search(
            [("state", "=", "listening"), "|", ("figures_on", "=", False), ("figures_on", "<", fields.Date.today())],
            order="figures_on nulls first, id",
        ).filtered(
            lambda channel: channel._can("metrics") and not channel._is_rate_limited() and not channel._budget_used_up()
        )
        done, left = self.env["community.listener"]._run(
            channels[:CLAIM_LIMIT], budget, "_figures_job", listening=False
        )
        return done, left + len(channels[CLAIM_LIMIT:])

    def _followed(self):
        """Return the mentions whose figures are followed: first what we said, then what came last."""
        return self.env["community.mention"].search_fetch(
            [
                ("channel_id", "=", self.id),
                ("published_at", ">", fields.Datetime.now() - FOLLOWED),
                ("deleted_at", "=", False),
            ],
            ["external_id", "identifiers"],
            order="outgoing desc, published_at desc, id desc",
            limit=MOST_THINGS,
        )

    def _note_figures(self, measured):
        """Keep what the network gave, or why it gives nothing."""
        self.write({"figures_on": fields.Date.today(), "figures_problem": measured.problem and self._said(measured)})
        self.env["community.channel.figure"]._keep(self, fields.Date.today(), measured.figures)
        mentions = self.env["community.mention"].with_context(**QUIET).browse(measured.plan.values()).exists()
        for mention in mentions:
            counts = measured.figures.items.get(mention.external_id)
            told = {name: _whole(getattr(counts, name)) for name in COUNTS} if counts else {}
            changed = {name: value for name, value in told.items() if value is not None and value != mention[name]}
            if changed:
                mention.write(changed)
        self.env["community.channel.usage"]._count(self, requests=measured.requests, cost=measured.cost)

    def _said(self, measured):
        channel = self._for_reader()
        if isinstance(measured.problem, NotImplementedError):
            return False
        return channel._without_secrets(channel._sentence(measured.problem))


class CommunityListener(models.AbstractModel):
    """The work of asking for figures, in the threads that listen."""

    _inherit = "community.listener"

    @api.model
    def _figures_job(self, channel, deadline, stop):
        connector = self._prepare(channel, deadline, stop)
        if connector is None:
            return None
        things = {mention.external_id: mention for mention in channel._followed()}
        plan = {external_id: mention.id for external_id, mention in things.items()}
        asked = [(external_id, mention.identifiers or {}) for external_id, mention in things.items()]
        renewal = channel._renewal(connector)
        return Job(channel.id, lambda: _measure(renewal, asked, plan))


@dataclass(slots=True)
class _Measured:
    """Figures that a network gave: of the account, and of posts by external id (``plan``: id of the mention)."""

    plan: dict
    figures: Figures = field(default_factory=Figures)
    problem: Exception | None = None
    requests: int = 0
    cost: float = 0.0
    #: there is no page to store
    page: None = None

    def keep(self, channel):
        """Store them; called by the listener."""
        channel._note_figures(self)
        return {"stored": 0}


def _measure(renewal, things, plan):
    """Yield one :class:`_Measured`."""
    connector = renewal.connector
    measured = _Measured(plan)
    try:
        measured.figures = renewal.run(lambda: connector.metrics(things))
    except NOT_GIVEN as problem:
        measured.problem = problem
    measured.requests = connector.http.requests
    measured.cost = connector.spent
    yield measured


def _whole(number):
    """Return a number that a column holds, ``None`` for none."""
    return None if number is None else max(0, min(int(number), LARGEST))
