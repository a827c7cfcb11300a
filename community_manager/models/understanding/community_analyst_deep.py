import logging
import time

import psycopg2

from odoo import SUPERUSER_ID, api, fields, models
from odoo.tools import SQL

from ..listening.community_ingest import QUIET
from ..platform.cursors import INFRASTRUCTURE_ERRORS, is_concurrency_error, own_cursor, transaction
from .community_analyst import _hint, each_apart
from .words import words_of

_logger = logging.getLogger(__name__)

#: mentions that are analysed and stored together
BATCH = 200
#: seconds a run takes at most: Odoo reloads a server whose scheduled action runs longer than two minutes
BUDGET = 60.0
#: seconds that copies are looked for at least, however many texts wait
COPIES_BUDGET = 5.0
#: times a transaction is replayed after meeting another worker's
REPLAYS = 6
#: first keys of the advisory locks that claim mentions, and the copies of a company; the second is the record's id
CLAIM_CLASS = 0x64656570  # "deep" in ASCII
COPIES_CLASS = 0x636F7079  # "copy"
#: fields that are read before the texts are
READ = ["title", "text", "kind", "language", "analysis", "corrected"]
READ += ["outgoing", "is_namesake", "origin", "deleted_at", "topic_ids", "company_id"]
#: where trouble with the analysis is noted for administrators
TROUBLE_PARAMETER = "community_manager.analysis_trouble"


class CommunityAnalyst(models.AbstractModel):
    """The second pass: soon after ingest, in batches, newest first.

    Each mention is read once more, with embeddings where they are installed, and what takes too long for ingest is
    done: copies, products.  Mentions wait by ``analysis_due``; ``analysed`` says which pass their values come from.
    No row is locked while texts are read, which may take seconds: advisory locks keep workers apart, and what changed
    meanwhile is left for the next batch.
    """

    _inherit = "community.analyst"

    @api.model
    def _cron_deepen(self):
        """Analyse what waits, in batches, until nothing does or the time of this run is used up."""
        budget = min(BUDGET, self.env["ir.cron"]._commit_progress(0))
        done, more = self._deepen_waiting(budget)
        self.env["ir.cron"]._commit_progress(done, remaining=more)

    @api.model
    def _soon(self):
        """Have the second pass run at once if something waits for it."""
        if self.env["community.mention"].search([("analysis_due", "=", True)], limit=1):
            self.env.ref("community_manager.cron_deepen").sudo()._trigger()

    @api.model
    def _reanalyse(self, mentions):
        """Have mentions analysed anew, soon and in the background; what people corrected stays."""
        mentions.sudo().filtered(lambda mention: not mention.deleted_at).with_context(**QUIET).analysis_due = True
        self._soon()

    @api.model
    def _analyse_now(self):
        """Analyse all that waits within this transaction, as demo data is while it is installed."""
        mentions = self.env["community.mention"].sudo().with_context(**QUIET).search([("analysis_due", "=", True)])
        for company, batch in mentions.grouped("company_id").items():
            analyst = self.sudo().with_company(company)
            works = [_Work(mention) for mention in batch]
            if analyst._read_again(company.with_env(analyst.env), works, _Run()):
                analyst._store(works)
                while analyst.env["community.fingerprint"]._compare(company):
                    pass

    @api.model
    def _deepen_waiting(self, budget=BUDGET):
        """Analyse mentions that wait and that nobody else analyses at this moment.

        :param float budget: seconds
        :returns: (number of mentions analysed, 1 if others wait still)
        """
        ends = time.monotonic() + budget
        done, ids, run = 0, [], _Run()
        with own_cursor(self.env) as cr:
            while time.monotonic() < ends:
                with own_cursor(self.env) as claim:
                    ids = self._claim(claim, run)
                    done += self._deepen_claimed(cr, ids, run) if ids else 0
                if not ids:
                    break
            self._compare_copies(cr, max(ends, time.monotonic() + COPIES_BUDGET))
            with transaction(cr):
                self._note_trouble(self._store_env(cr), run)
        return done, int(bool(ids))

    @api.model
    def _store_env(self, cr):
        return api.Environment(cr, SUPERUSER_ID, {"lang": None, **QUIET})

    @api.model
    def _claim(self, cr, run):
        """Claim the newest mentions that wait, until the transaction of ``cr`` ends.

        :param run: whose companies in trouble, and mentions that could not be stored, are passed over
        """
        cr.execute(
            SQL(
                """
                SELECT id
                  FROM (SELECT id
                          FROM community_mention
                         WHERE analysis_due IS TRUE AND NOT id = ANY(%(passed)s) AND NOT company_id = ANY(%(companies)s)
                      ORDER BY published_at DESC, id DESC
                         LIMIT %(seen)s) AS waiting
                 WHERE pg_try_advisory_xact_lock(%(class)s, id)
                 LIMIT %(batch)s
                """,
                **{"class": CLAIM_CLASS, "batch": BATCH, "seen": 10 * BATCH},
                passed=list(run.passed),
                companies=list(run.troubled),
            )
        )
        return [row[0] for row in cr.fetchall()]

    @api.model
    def _deepen_claimed(self, cr, ids, run):
        """Analyse mentions of several companies; return how many wait no more."""
        with transaction(cr):
            env = self._store_env(cr)
            # read only after the claim: the worker before us may have just finished some
            mentions = env["community.mention"].search_fetch([("id", "in", ids), ("analysis_due", "=", True)], READ)
            works = [
                (company.id, [_Work(mention) for mention in batch])
                for company, batch in mentions.grouped("company_id").items()
            ]
        done = 0
        for company_id, batch in works:
            with transaction(cr):
                read = self._read_again(self._store_env(cr)["res.company"].browse(company_id), batch, run)
            if read:
                done += self._store_or_split(cr, company_id, batch, run)
        return done

    @api.model
    def _read_again(self, company, batch, run):
        """Read the texts of a batch into its :class:`_Work`; return whether that was possible."""
        analyst = self.with_env(company.env).with_company(company)
        try:
            readings = analyst._read(company, [work.text for work in batch], [work.hint for work in batch])
        except psycopg2.Error:
            raise
        except Exception as error:  # noqa: BLE001 - whatever is wrong, other companies go on
            analyst._tell(company, error)
            run.troubled[company.id] = error
            return False
        for work, reading in zip(batch, readings, strict=True):
            work.reading = reading
        run.worked = True
        chosen = [work for work in batch if work.reading and work.concerns_us]
        try:
            deep = analyst._read_deep(company, [work.text for work in chosen], [work.reading for work in chosen])
        except psycopg2.Error:
            raise
        except Exception as error:  # noqa: BLE001 - the first pass has to do, and what follows from it is done
            analyst._tell(company, error)
            run.trouble = error
            return True
        for work, reading in zip(chosen, deep, strict=True):
            work.reading = reading or work.reading
        return True

    @api.model
    def _read_deep(self, company, texts, readings):
        """Return a :class:`~...analysis.engine.Reading` by the second pass; the given ones where there is none."""
        analyst = self._analyst(company)
        if not texts or not analyst.deep_available():
            return readings
        return each_apart(
            lambda places: analyst.read_deep([texts[at] for at in places], [readings[at] for at in places]),
            len(texts),
            probe=lambda: analyst.read_deep(["ok"], analyst.read(["ok"])),
        )

    @api.model
    def _store_or_split(self, cr, company_id, batch, run):
        """Store what was read; on an error of the data halve the batch until the bad mention stands alone.

        :returns: how many mentions wait no more
        """
        for replay in range(REPLAYS):
            try:
                with transaction(cr):
                    company = self._store_env(cr)["res.company"].browse(company_id)
                    stored = self.with_env(company.env).with_company(company)._store(batch)
                    company.env.flush_all()
            except Exception as error:
                if is_concurrency_error(error) and replay < REPLAYS - 1:
                    continue
                if is_concurrency_error(error) or isinstance(error, INFRASTRUCTURE_ERRORS):
                    raise
                if len(batch) > 1:
                    middle = len(batch) // 2
                    first = self._store_or_split(cr, company_id, batch[:middle], run)
                    return first + self._store_or_split(cr, company_id, batch[middle:], run)
                _logger.exception("mention %s: what was read in it cannot be stored", batch[0].id)
                run.passed.add(batch[0].id)
                return self._give_up(cr, batch[0])
            else:
                run.passed.update(work.id for work in batch if work.id not in stored)
                return len(stored)

    @api.model
    def _give_up(self, cr, work):
        """Let a mention wait no more though it could not be analysed: it would be tried for ever."""
        with transaction(cr):
            mention = self._store_env(cr)["community.mention"].browse(work.id).exists()
            mention.analysis_due = False
        return 1

    @api.model
    def _store(self, batch):
        """Store what was read in mentions that nobody works on and that say the same still; return their ids."""
        mentions = self.env["community.mention"].browse([work.id for work in batch])
        mentions = mentions.try_lock_for_update(allow_referencing=True)
        read = {work.id: work for work in batch}
        mentions = mentions.filtered(
            lambda mention: mention.analysis_due and words_of(mention) == read[mention.id].text
        )
        understood = mentions.filtered(lambda mention: read[mention.id].reading)
        for mention in understood:
            told = mention.analysis.get("told") if mention.analysis else mention.language
            values = self._values(read[mention.id].reading, mention.outgoing, told, mention.corrected)
            mention.write({name: value for name, value in values.items() if _differs(mention, name, value)})
        mentions.analysis_due = False
        if understood:
            self._deepen(understood, [read[mention.id].reading for mention in understood])
        return set(mentions.ids)

    @api.model
    def _deepen(self, mentions, readings):
        """Do what follows from reading mentions once more, in the transaction that stores what was read.

        Extended by whatever keeps something of their words.

        :param mentions: ``community.mention`` records of one company, with their new values
        :param readings: a :class:`~...analysis.engine.Reading` of each
        """
        self.env["community.fingerprint"]._take(mentions, readings)
        theirs = mentions.filtered(lambda mention: not mention.outgoing)
        texts = [f"{mention.title}\n{mention.text}" if mention.title else mention.text or "" for mention in theirs]
        named = self.env["product.template"]._community_named(self.env.company.id, texts)
        for mention, products in zip(theirs, named, strict=True):
            if set(products) != set(mention.product_ids.ids):
                mention.product_ids = [fields.Command.set(products)]

    @api.model
    def _compare_copies(self, cr, ends):
        """Look for copies of what has new fingerprints, one company after the other, until ``ends``."""
        with transaction(cr):
            waiting = self._store_env(cr)["community.fingerprint"]._read_group(
                [("compared", "=", False)], ["company_id"]
            )
            companies = [company.id for (company,) in waiting]
        for company_id in companies:
            with own_cursor(self.env) as claim:
                claim.execute(SQL("SELECT pg_try_advisory_xact_lock(%s, %s)", COPIES_CLASS, company_id))
                compared = claim.fetchone()[0]
                while compared and time.monotonic() < ends:
                    compared = self._compare_batch(cr, company_id)

    @api.model
    def _compare_batch(self, cr, company_id):
        """Compare some fingerprints in a transaction that begins after the claim, so that it sees all groups."""
        for replay in range(REPLAYS):
            try:
                with transaction(cr):
                    company = self._store_env(cr)["res.company"].browse(company_id)
                    compared = company.env["community.fingerprint"]._compare(company)
                    company.env.flush_all()
            except Exception as error:
                if not is_concurrency_error(error) or replay == REPLAYS - 1:
                    raise
            else:
                return compared

    @api.model
    def _note_trouble(self, env, run):
        """Note trouble with the analysis for administrators, or that there is none any more."""
        errors = [*run.troubled.values(), *([run.trouble] if run.trouble else [])]
        if not errors and not run.worked:
            return
        told = _in_short(errors[0]) if errors else False
        parameters = env["ir.config_parameter"]
        if (parameters.get_param(TROUBLE_PARAMETER) or False) != told:
            parameters.set_param(TROUBLE_PARAMETER, told)


class _Run:
    """What one run of the second pass learns on its way.

    ``troubled`` is ``{company id: error}`` where nothing can be read, ``trouble`` an error of the embeddings,
    ``passed`` the mentions that are left for another run, and ``worked`` whether anything could be read.
    """

    def __init__(self):
        self.troubled = {}
        self.trouble = None
        self.passed = set()
        self.worked = False


class _Work:
    """A mention to read, without its record: nothing of the database is needed meanwhile."""

    __slots__ = ("concerns_us", "hint", "id", "reading", "text")

    def __init__(self, mention):
        self.id = mention.id
        self.text = words_of(mention)
        # what was read before is no hint: a language that was wrong once would stay so
        said = mention.analysis and "language" not in (mention.corrected or ())
        self.hint = _hint(mention.analysis.get("told") if said else mention.language)
        self.concerns_us = bool(
            not mention.outgoing
            and not mention.is_namesake
            and (mention.origin == "own" or mention.topic_ids)
            and not mention.deleted_at
        )
        self.reading = None


def _differs(mention, name, value):
    if mention._fields[name].type == "many2many":
        return set(mention[name].ids) != set(value[0][2])
    return mention[name] != value


def _in_short(error):
    """Return an error in a line: the library that is missing, or what was raised."""
    if isinstance(error, ImportError):
        return f"library {error.name or error}"
    return f"{type(error).__name__}: {error}"[:200]
