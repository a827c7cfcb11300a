from collections import Counter
from dataclasses import dataclass
from datetime import timedelta

from odoo import fields, models

from ...analysis.terms import words
from ..understanding.words import words_of
from .watching import SETTLE, SILENCE, bucket_of, moment_of

#: mentions that evidence is made of, and those that are linked to an alert
READ, LINKED = 500, 200
#: mentions, words and authors that evidence names
NAMED = 5
WORDS = 8
#: share of mentions in common from which two findings are about one event
SAME = 0.5


@dataclass(frozen=True, slots=True)
class Finding:
    """Something unusual that goes on now."""

    #: "volume", "negative", "risk" or "heard", and the key under which its event is remembered.
    kind: str
    key: str
    #: When it began and when it was seen last, seconds since 1970.
    first: int
    last: int
    #: 0 to 1.
    score: float
    #: Figures of it, for the alert's evidence.
    facts: dict
    #: ``community.mention`` records.
    mentions: object


class CommunityWatch(models.Model):
    """What a watch finds, and what it makes of it."""

    _inherit = "community.watch"

    def _found_burst(self, kind, seen, now):
        """Return the event of a count that is under way, if one is.

        :param str kind: "volume" or "negative"
        :param seen: list of :class:`.watching.Seen` that have not settled
        """
        alarming = [one for one in seen if one.alarming]
        if not alarming:
            return []
        first, last = alarming[0], alarming[-1]
        peak = max(alarming, key=lambda one: one.hour)
        since = moment_of(first.bucket) - timedelta(minutes=45)
        domain = self._domain_since(since, now)
        domain += [("sentiment", "=", "negative")] if kind == "negative" else []
        facts = {"seen": peak.hour, "expected": round(peak.hour_expected, 1), "spreads": round(peak.z, 1)}
        mentions = self.env["community.mention"].search(domain, limit=READ, order="published_at desc, id desc")
        score = max(one.score for one in alarming)
        return [Finding(kind, kind, first.bucket, last.bucket, round(score, 3), facts, mentions)]

    def _found_risk(self, now):
        """Return that enough mentions of a risk came within the minutes of this watch, if so."""
        if not self.risk_count:
            return []
        domain = self._domain_since(now - timedelta(minutes=self.risk_minutes), now)
        domain += ["|", ("topic_ids.kind", "=", "risk"), ("intent_ids.code", "=", "risk")]
        mentions = self.env["community.mention"].search(domain, limit=READ, order="published_at desc, id desc")
        mentions = mentions.filtered("is_risk")
        if len(mentions) < self.risk_count:
            return []
        facts = {"seen": len(mentions), "expected": self.risk_count, "minutes": self.risk_minutes}
        first, last = (bucket_of(function(mentions.mapped("published_at"))) for function in (min, max))
        return [Finding("risk", "risk", first, last, 1.0, facts, mentions)]

    def _found_heard(self, now):
        """Return negative mentions of authors with many followers, one finding for each author."""
        if not self.heard_followers:
            return []
        domain = self._domain_since(now - timedelta(seconds=SETTLE), now)
        domain += [("sentiment", "=", "negative"), ("author_id.followers", ">=", self.heard_followers)]
        mentions = self.env["community.mention"].search(domain, limit=READ, order="published_at, id")
        found = []
        for author, said in mentions.grouped("author_id").items():
            first, last = (bucket_of(function(said.mapped("published_at"))) for function in (min, max))
            facts = {"seen": len(said), "author": author.display_name, "followers": author.followers}
            found.append(Finding("heard", f"heard:{author.id}", first, last, 1.0, facts, said))
        return found

    def _domain_since(self, since, now):
        """Return the domain of what others said of us, or of the topic, in some time."""
        domain = [
            ("company_id", "=", self.company_id.id),
            ("published_at", ">=", since),
            ("published_at", "<=", now),
            ("outgoing", "=", False),
            ("is_namesake", "=", False),
            ("intent_ids", "not any", [("code", "=", "spam")]),
        ]
        if self.topic_id:
            return [*domain, ("topic_ids", "in", self.topic_id.ids)]
        ours = ("topic_ids", "any", [("kind", "not in", ("competitor", "sector"))])
        return [*domain, "|", "|", ("origin", "=", "own"), ("topic_ids", "=", False), ours]

    # -- telling ---------------------------------------------------------------------------------------------------

    def _tell(self, finding, learned, now):
        """Make an alert of a finding, unless its event was told already, and remember the event.

        :param finding: :class:`Finding`
        :param dict learned: whose ``events`` are changed in place
        """
        events = learned["events"]
        event = events.get(finding.key)
        if event and finding.first - event["last"] < SILENCE:
            event["last"] = max(event["last"], finding.last)
            alert = self.env["community.alert"].browse(event["alert"] or ()).exists()
            if alert:
                alert._grow(finding, self._evidence(finding))
            return
        muted = bool(self.muted_until and self.muted_until > now)
        alert = self.env["community.alert"]
        if not muted:
            alert = self._alert_of_same(finding, events) or self._new_alert(finding, now)
        events[finding.key] = {"first": finding.first, "last": finding.last, "alert": alert.id}

    def _forget_events(self, learned, now):
        """Drop the events that were over long ago."""
        over = bucket_of(now) - 7 * SILENCE
        learned["events"] = {key: event for key, event in learned["events"].items() if event["last"] > over}

    def _alert_of_same(self, finding, events):
        """Return the alert of an event that this finding is part of, joined by it; empty if it is news."""
        since = moment_of(finding.first - SILENCE)
        near = [event["alert"] for event in events.values() if finding.first - event["last"] < SILENCE]
        alerts = self.env["community.alert"].search(
            [("company_id", "=", self.company_id.id), ("seen_at", ">=", since), ("state", "!=", "dismissed")]
        )
        said = set(finding.mentions[:LINKED].ids)
        for alert in alerts:
            common = len(said & set(alert.mention_ids.ids))
            if alert.watch_id == self and alert.id in near:
                # what one person says may be about something else than what many say
                same = common or "heard" not in (finding.kind, alert.kind)
            else:
                same = common and common >= SAME * min(len(said), len(alert.mention_ids))
            if same:
                alert._join(finding, self._evidence(finding))
                return alert
        return alerts.browse()

    def _new_alert(self, finding, now):
        """Create an alert and tell people of it; where a crisis about it is open, that takes it."""
        mentions = finding.mentions[:LINKED]
        alert = self.env["community.alert"].create(
            {
                "watch_id": self.id,
                "topic_id": self.topic_id.id,
                "company_id": self.company_id.id,
                "kind": finding.kind,
                "score": finding.score,
                "moment": moment_of(finding.first),
                "seen_at": now,
                "evidence": self._evidence(finding),
                "mention_ids": [fields.Command.set(mentions.ids)],
                "user_ids": [fields.Command.set(self._people().ids)],
            }
        )
        gathered = Counter(mention.crisis_id for mention in mentions if mention.crisis_id.is_open)
        crisis, count = gathered.most_common(1)[0] if gathered else (None, 0)
        if count * 2 > len(mentions):
            alert._becomes(crisis)
        else:
            alert._tell_people()
        return alert

    def _evidence(self, finding):
        """Return what an alert shows: figures, the mentions heard most, words, authors, networks.

        Plain text and numbers only, for it is stored as Json.
        """
        mentions = finding.mentions
        spoken, networks, authors = Counter(), Counter(), Counter()
        for mention in mentions:
            spoken.update(set(words(words_of(mention), mention.language or "")))
            networks[mention.network] += 1
            authors[mention.author_id] += 1
        people = [author for author in authors if author]
        people.sort(key=lambda author: (-author.followers, -authors[author], author.id))
        heard = mentions.sorted(lambda mention: (-_reach(mention), mention.id))[:NAMED]
        return {
            **finding.facts,
            "kind": finding.kind,
            "first": finding.first,
            "last": finding.last,
            "mentions": [
                {
                    "id": mention.id,
                    "text": mention.excerpt,
                    "author": mention.author_id.display_name or "",
                    "network": mention.network,
                    "followers": mention.author_id.followers,
                }
                for mention in heard
            ],
            "words": [[word, count] for word, count in spoken.most_common(3 * WORDS) if count > 1][:WORDS],
            "authors": [[author.display_name, author.followers, authors[author]] for author in people[:NAMED]],
            "networks": networks.most_common(NAMED),
            "negative": len(mentions.filtered_domain([("sentiment", "=", "negative")])),
            "total": len(mentions),
        }


def _reach(mention):
    return mention.author_id.followers + 10 * (mention.likes + mention.shares + mention.replies)
