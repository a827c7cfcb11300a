import logging
import time
from datetime import timedelta

from odoo import SUPERUSER_ID, api, fields, models
from odoo.tools import SQL

from ..listening.community_ingest import QUIET
from ..platform.cursors import claimed, is_concurrency_error, own_cursor, transaction
from .watching import BUCKET, HISTORY, LEARNING, LEAST, SETTLE, bucket_of, detector_of, go_on, moment_of

_logger = logging.getLogger(__name__)

#: first key of the advisory locks that claim a watch ("wtch" in ASCII); the second is its id
CLAIM_CLASS = 0x77746368
#: seconds a run takes at most
BUDGET = 45.0
#: a channel brings its past when it is connected, the newest first: it counts from its second day, learned by then
NEW_CHANNEL = timedelta(days=1)
#: mentions that came too late to be counted, from which on everything is learned anew; and how often at most
LATE_LEAST, LATE_PAUSE = 20, 3600
VERSION = 1


class CommunityWatch(models.Model):
    """The look that each watch takes every minute."""

    _inherit = "community.watch"

    @api.model
    def _cron_watch(self):
        """Look at everything that is watched, then at the crises that are open."""
        left = self.env["ir.cron"]._commit_progress(0)
        done = self._look_at_all(min(BUDGET, left))
        done += self.env["community.crisis"]._attend_all()
        self.env["ir.cron"]._commit_progress(done)

    @api.model
    def _look_at_all(self, budget=BUDGET, now=None):
        """Let each watch look once, those first that looked longest ago.

        A watch that another worker looks through is passed over; what one watch provokes does not stop the others.

        :param float budget: seconds
        :param datetime now: naive UTC, for trying
        :returns: number of watches that looked
        """
        ends = time.monotonic() + budget
        done = 0
        ids = self.sudo().search([], order="looked_at NULLS FIRST, id").ids
        with own_cursor(self.env) as cr:
            for watch_id in ids:
                if time.monotonic() > ends:
                    break
                with own_cursor(self.env) as claim:
                    # the transaction that looks begins after the claim: it sees what the worker before has told
                    if claimed(claim, CLAIM_CLASS, [watch_id]):
                        done += self._look_claimed(cr, watch_id, now)
        self.env.invalidate_all()
        return done

    @api.model
    def _look_claimed(self, cr, watch_id, now):
        try:
            with transaction(cr):
                env = api.Environment(cr, SUPERUSER_ID, {"lang": None})
                watch = env["community.watch"].browse(watch_id).exists()
                if watch:
                    watch.with_company(watch.company_id)._look(now or fields.Datetime.now())
                env.flush_all()
        except Exception as error:
            if not is_concurrency_error(error):  # whoever met us has done it, or the next run does
                _logger.exception("watch %s: the look failed", watch_id)
            return 0
        return 1

    def _look(self, now):
        """Learn what has settled, see whether something unusual is under way, and tell what is new.

        :param datetime now: naive UTC
        """
        self.ensure_one()
        zone = self.company_id._community_zone()
        end = bucket_of(now) + BUCKET
        settled = bucket_of(now - timedelta(seconds=SETTLE))
        channels = self._old_channels(now)
        learned = self._learned_for(zone, channels, settled)
        detectors = {kind: detector_of(kind, self.sensitivity, learned["detectors"].get(kind)) for kind in LEAST}
        begin = learned["until"]
        counts = self._counts(begin - 3 * BUCKET, end, channels)
        found = []
        for kind, detector in detectors.items():
            for _seen in go_on(kind, detector, zone, counts[kind], begin, settled):
                pass
            learned["detectors"][kind] = detector.state()
            if self[kind]:
                live = detector_of(kind, self.sensitivity, detector.state())
                seen = list(go_on(kind, live, zone, counts[kind], max(begin, settled), end))
                found += self._found_burst(kind, seen, now)
        learned["until"] = max(begin, settled)
        learned["ready"] = learned["until"] - learned["first"] > LEARNING
        found += self._found_risk(now) + self._found_heard(now)
        learned["now"] = bool(found)
        for finding in found:
            self._tell(finding, learned, now)
        self._forget_events(learned, now)
        self.with_context(**QUIET).write({"learned": learned, "looked_at": now})

    # -- learning --------------------------------------------------------------------------------------------------

    def _learned_for(self, zone, channels, settled):
        """Return what was learned so far, or what history teaches if that does not fit any more.

        :param zone: of the company
        :param list channels: ids of those that count
        :param int settled: bucket up to which may be learned
        :rtype: dict
        """
        learned = self.learned
        newest = self._newest_mention()
        if learned and learned.get("version") == VERSION and learned["zone"] == zone.key:
            known = set(channels) <= set(learned["channels"])
            late = known and self._came_late(learned, settled)
            if known and not late:
                return {**learned, "mention": newest, "detectors": dict(learned["detectors"])}
        begin = self._first_bucket(settled, channels)
        counts = self._counts(begin, settled, channels)
        states = {}
        for kind in LEAST:
            detector = detector_of(kind, self.sensitivity)
            for _seen in go_on(kind, detector, zone, counts[kind], begin, settled):
                pass
            states[kind] = detector.state()
        return {
            "version": VERSION,
            "zone": zone.key,
            "channels": channels,
            "first": begin,
            "until": settled,
            "anew": settled,
            "mention": newest,
            "detectors": states,
            "events": (learned or {}).get("events") or {},
        }

    def _came_late(self, learned, settled):
        """Return whether so much came after its bucket had settled that all is to be learned anew.

        What was stored since the last look is found by its id, as the date of creation has no index.
        """
        if settled - learned["anew"] < LATE_PAUSE:
            return False
        since = [("id", ">", learned["mention"]), ("published_at", "<", moment_of(learned["until"]))]
        about = [("company_id", "=", self.company_id.id), ("outgoing", "=", False)]
        about += [("topic_ids", "in", self.topic_id.ids)] if self.topic_id else []
        late = self.env["community.mention"].with_context(active_test=False)
        return late.search_count([*since, *about], limit=LATE_LEAST) >= LATE_LEAST

    def _newest_mention(self):
        newest = self.env["community.mention"].with_context(active_test=False).search([], order="id desc", limit=1)
        return newest.id or 0

    def _first_bucket(self, settled, channels):
        """Return the bucket with which learning begins: when the company began to listen, or as far back as counts."""
        first = self.env["community.mention"].search(
            [
                ("company_id", "=", self.company_id.id),
                ("published_at", ">=", moment_of(settled - HISTORY)),
                ("channel_id", "in", [*channels, False]),
            ],
            order="published_at, id",
            limit=1,
        )
        return min(bucket_of(first.published_at), settled) if first else settled

    def _old_channels(self, now):
        """Return ids of the company's channels that are not new any more."""
        channels = self.env["community.channel"].with_context(active_test=False)
        old = [("company_id", "=", self.company_id.id), ("create_date", "<=", now - NEW_CHANNEL)]
        return sorted(channels.search(old).ids)

    def _counts(self, begin, end, channels):
        """Count the mentions of each bucket.

        SQL, for the ORM groups by hours at least, and reading each mention instead takes a hundred times as long.

        :param int begin: the first bucket
        :param int end: the bucket after the last
        :param list channels: ids of those that count
        :returns: ``{"volume": {bucket: mentions}, "negative": {bucket: mentions}}``
        """
        self.env["community.mention"].flush_model()
        rows = self.env.execute_query(
            SQL(
                """
                  SELECT floor(extract(epoch FROM said.published_at) / %(bucket)s)::bigint * %(bucket)s AS bucket,
                         count(*), count(*) FILTER (WHERE said.sentiment = 'negative')
                    FROM community_mention said
                   WHERE said.company_id = %(company)s
                     AND said.published_at >= %(begin)s AND said.published_at < %(end)s
                     AND (said.channel_id = ANY(%(channels)s) OR said.channel_id IS NULL)
                     AND %(about)s
                GROUP BY bucket
                """,
                bucket=BUCKET,
                company=self.company_id.id,
                begin=moment_of(begin),
                end=moment_of(end),
                channels=list(channels),
                about=self._about_sql(),
            )
        )
        return {
            "volume": {bucket: count for bucket, count, _negative in rows},
            "negative": {bucket: negative for bucket, _count, negative in rows},
        }

    def _about_sql(self):
        """Return SQL for whether the mention ``said`` counts: of others, of us or the topic, no spam, no namesake.

        Copies count: that many repeat something is what a crisis looks like.
        """
        if self.topic_id:
            about = SQL(
                "EXISTS (SELECT FROM community_mention_topic_rel about"
                " WHERE about.mention_id = said.id AND about.topic_id = %s)",
                self.topic_id.id,
            )
        else:
            about = SQL(
                """
                (said.origin = 'own'
                 OR NOT EXISTS (SELECT FROM community_mention_topic_rel about WHERE about.mention_id = said.id)
                 OR EXISTS (SELECT FROM community_mention_topic_rel about
                              JOIN community_topic topic ON topic.id = about.topic_id
                             WHERE about.mention_id = said.id AND topic.kind NOT IN ('competitor', 'sector')))
                """
            )
        return SQL(
            "said.outgoing IS NOT TRUE AND said.is_namesake IS NOT TRUE AND NOT %s AND %s",
            self.env["community.daily"]._intent_sql("spam"),
            about,
        )

    def _read_history(self, days, sensitivity, now=None):
        """Return what would have been seen in the stored history; nothing is changed.

        :param int days: how far back
        :param str sensitivity: "low", "normal" or "high"
        :param datetime now: naive UTC
        :returns: ``({kind: list of watching.Seen of those days}, bucket from which on something was known)``
        """
        self.ensure_one()
        end = bucket_of(now or fields.Datetime.now()) + BUCKET
        channels = self._all_channels()
        shown = end - days * 86400
        begin = self._first_bucket(shown, channels)
        if begin == shown:  # nothing before: it learns from the days that are shown
            begin = max(begin, self._first_bucket(shown + HISTORY, channels))
        counts = self._counts(begin, end, channels)
        zone = self.company_id._community_zone()
        found = {}
        for kind in LEAST:
            seen = go_on(kind, detector_of(kind, sensitivity), zone, counts[kind], begin, end)
            found[kind] = [one for one in seen if one.bucket >= shown]
        return found, begin + LEARNING

    def _all_channels(self):
        channels = self.env["community.channel"].with_context(active_test=False)
        return channels.search([("company_id", "=", self.company_id.id)]).ids
