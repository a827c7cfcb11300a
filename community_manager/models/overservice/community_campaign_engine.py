import logging
import time
from datetime import timedelta

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL, mute_logger

from ..platform.cursors import claimed, is_concurrency_error, own_cursor, transaction
from .community_campaign_person import ALIVE

_logger = logging.getLogger(__name__)

#: first key of the advisory locks that claim a campaign ("camp" in ASCII); the second is its id
CLAIM_CLASS = 0x63616D70
#: campaigns one run works at, people moved in one transaction
CAMPAIGNS = 200
BATCH = 100
#: seconds of one run: Odoo reloads a server whose scheduled action runs longer than two minutes
BUDGET = 60.0
#: how often a transaction that met another one is tried again
REPLAYS = 6
#: whoever could not be moved is looked at again after this
AGAIN = timedelta(hours=1)
#: how often it is looked whether somebody has come into the audience, and whether what is waited for has happened
LOOK_EVERY = timedelta(hours=1)


class CommunityCampaignEngine(models.AbstractModel):
    """The scheduled work of campaigns: bring people in, and move those whose time has come.

    One worker at a time works at a campaign, claimed by an advisory lock.  Each batch is one transaction: what is
    done for a person, and that it was done, are committed together, so that a worker that is killed leaves either both
    or neither.  Each batch also writes the campaign's own row: whoever pauses or stops it at the same moment makes one
    of both transactions start again, and then sees all that the other did.
    """

    _name = "community.campaign.engine"
    _description = "Work of Campaigns"

    @api.model
    def _cron_run(self):
        """Do what is due, until nothing is or the time of this run is used up."""
        budget = min(BUDGET, self.env["ir.cron"]._commit_progress(0))
        done, left = self._run(budget)
        self.env["ir.cron"]._commit_progress(done, remaining=left)

    @api.model
    def _run(self, budget=BUDGET):
        """Do what is due now.

        :param float budget: seconds
        :returns: (people moved, campaigns that still have something due)
        """
        if budget <= 0 or self.env["community.home"]._status() not in ("live", "new"):
            return 0, 0
        deadline = time.monotonic() + budget
        done = 0
        with own_cursor(self.env) as cr:
            while time.monotonic() < deadline and self._attempt(cr, self._take_signals):
                pass
        with own_cursor(self.env) as claim:
            ids = claimed(claim, CLAIM_CLASS, self._due_campaigns().ids)
            if ids:
                with own_cursor(self.env) as cr:
                    for campaign_id in ids:
                        done += self._run_campaign(cr, campaign_id, deadline)
        self.env.invalidate_all()
        # asked anew: our own transaction still sees what it saw before the work
        with own_cursor(self.env) as cr:
            left = len(self.with_env(self.env(cr=cr))._due_campaigns())
        return done, left

    @api.model
    def _due_campaigns(self):
        now = fields.Datetime.now()
        campaigns = self.env["community.campaign"].sudo()
        running = Domain("state", "=", "running")
        people = Domain("state", "in", ALIVE) & Domain("next_at", "<=", now)
        due = Domain("person_ids", "any", people) | Domain("looked_at", "=", False)
        due |= Domain("looked_at", "<=", now - LOOK_EVERY)
        return campaigns.search(running & due, order="worked_at, id", limit=CAMPAIGNS)

    @api.model
    def _run_campaign(self, cr, campaign_id, deadline):
        """Work at one claimed campaign; return how many people were moved."""
        done = 0
        try:
            self._attempt(cr, lambda env: self._look(env, campaign_id))
            while time.monotonic() < deadline:
                moved = self._attempt(cr, lambda env: self._move_batch(env, campaign_id))
                done += moved
                if not moved:
                    break
        except Exception as error:
            if self.env["community.ingest"]._is_infrastructure(error) and not is_concurrency_error(error):
                raise
            _logger.exception("campaign %s: it could not be worked at", campaign_id)
        return done

    @api.model
    def _attempt(self, cr, work):
        """Run ``work(env)`` in a transaction of ``cr``, replayed when it meets another one."""
        for replay in range(REPLAYS):
            try:
                with mute_logger("odoo.sql_db"), transaction(cr):
                    env = self.env["community.listener"]._store_env(cr)
                    result = work(env)
                    env.flush_all()
            except Exception as error:
                if not is_concurrency_error(error) or replay == REPLAYS - 1:
                    raise
            else:
                return result

    @api.model
    def _campaign(self, env, campaign_id):
        """Return a campaign that runs, its row written in this transaction; empty when it does not run any more."""
        # its row, and nothing of the record: whoever looks at it sees no change, whoever pauses it meets us
        rows = env.execute_query(
            SQL(
                "UPDATE community_campaign SET worked_at = %s WHERE id = %s AND state = 'running' RETURNING id",
                fields.Datetime.now(),
                campaign_id,
            )
        )
        campaign = env["community.campaign"].browse(campaign_id if rows else ())
        company = campaign.company_id
        return campaign.with_company(company).with_context(allowed_company_ids=company.ids)

    @api.model
    def _look(self, env, campaign_id):
        """Bring in who has come into the audience, and end what has nothing left to do."""
        campaign = self._campaign(env, campaign_id)
        if not campaign:
            return
        now = fields.Datetime.now()
        if campaign.looked_at and campaign.looked_at > now - LOOK_EVERY:
            return
        campaign._bring_in()
        campaign.looked_at = now
        campaign._note_not_sent()
        campaign._end_when_done()

    @api.model
    def _move_batch(self, env, campaign_id):
        """Move the next people of a campaign; return how many were looked at."""
        campaign = self._campaign(env, campaign_id)
        if not campaign:
            return 0
        domain = [("campaign_id", "=", campaign.id), ("state", "in", ALIVE)]
        people = campaign.env["community.campaign.person"].search(
            [*domain, ("next_at", "<=", fields.Datetime.now())], order="next_at, id", limit=BATCH
        )
        try:
            with env.cr.savepoint():
                self._move(campaign, people)
                env.flush_all()
        except Exception as error:
            if env["community.ingest"]._is_infrastructure(error):
                raise
            env.invalidate_all(flush=False)
            self._move_one_by_one(env, campaign, people)
        return len(people)

    @api.model
    def _move_one_by_one(self, env, campaign, people):
        """Let the one that cannot be moved stop nobody else."""
        for person in people:
            try:
                with env.cr.savepoint():
                    self._move(campaign, person)
                    env.flush_all()
            except Exception as error:
                if env["community.ingest"]._is_infrastructure(error):
                    raise
                env.invalidate_all(flush=False)
                _logger.exception("campaign %s: person %s could not be moved", campaign.id, person.id)
                person.sudo()._hold_or_leave(
                    "error", env._("Something went wrong; it is tried again."), fields.Datetime.now() + AGAIN
                )

    @api.model
    def _move(self, campaign, people):
        """Move people as far as they can go now."""
        mover = campaign.env["community.campaign.mover"]
        people = mover._let_leave(campaign, people)
        while people:
            onward = people.browse()
            for (version, step), group in people.grouped(lambda one: (one.version_id, one.step_id)).items():
                onward |= mover._take(campaign, version, step, group)
            people = onward
