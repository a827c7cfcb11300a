import random
from datetime import UTC, datetime, timedelta

from .common import CommunityCase

__all__ = ["NOW", "CrisisCase", "CrisisMixin"]

#: a Wednesday, 14:07 in Madrid
NOW = datetime(2026, 6, 17, 12, 7)


class CrisisMixin:
    """A company in Madrid that has listened for some time; mentions with the dates a test wants."""

    @classmethod
    def _set_up_crisis(cls):
        cls.env["community.watch"].search([]).active = False
        cls.env["community.crisis"].search([("stage", "in", ("open", "contained"))]).stage = "closed"
        cls.company.partner_id.tz = "Europe/Madrid"
        cls.numbers = iter(range(10**6))
        cls.channel = cls.make_channel("Desk")
        cls.age(cls.channel, datetime(2025, 1, 1))
        cls.watch = cls.make_watch(topic_id=cls.topic.id, user_ids=[(6, 0, cls.manager.ids)])

    @classmethod
    def age(cls, channel, moment):
        """Make a channel as old as if it had been connected at ``moment``."""
        channel.flush_recordset()
        cls.env.cr.execute("UPDATE community_channel SET create_date = %s WHERE id = %s", [moment, channel.id])
        channel.invalidate_recordset()

    @classmethod
    def make_watch(cls, **values):
        values.setdefault("risk_count", 0)
        values.setdefault("heard_followers", 0)
        return cls.env["community.watch"].create(values)

    @classmethod
    def say(cls, moments, channel=None, topics=None, author=None, **values):
        """Store a mention at each of the moments."""
        topics = cls.topic if topics is None else topics
        return cls.env["community.mention"]._create_bulk(
            [
                {
                    "company_id": cls.company.id,
                    "channel_id": (channel or cls.channel).id,
                    "network": "toy",
                    "realm": "",
                    "kind": "post",
                    "external_id": f"say{next(cls.numbers)}",
                    "text": "Acme lamps overheat",
                    "published_at": moment,
                    "origin": "search",
                    "visibility": "public",
                    "state": "new",
                    "sentiment": "neutral",
                    "author_id": author.id if author else False,
                    "topic_ids": [(6, 0, topics.ids)] if topics else False,
                    **values,
                }
                for moment in moments
            ]
        )

    @classmethod
    def quiet(cls, days, until=NOW, rate=3.0, negative=0.15, seed=7, **values):
        """Tell of quiet weeks: more by day than by night in Madrid, fewer at weekends, some of it negative."""
        chance = random.Random(seed)
        moments = {"neutral": [], "negative": []}
        hour = (until - timedelta(days=days)).replace(minute=0, second=0)
        zone = cls.company._community_zone()
        while hour < until:
            local = hour.replace(tzinfo=UTC).astimezone(zone)
            weight = 1.0 if 9 <= local.hour < 23 else 0.25
            weight *= 0.6 if local.weekday() >= 5 else 1.0
            for _number in range(round(chance.gauss(rate * weight, 0.8))):
                moment = hour + timedelta(minutes=chance.randrange(60))
                if moment < until:
                    moments["negative" if chance.random() < negative else "neutral"].append(moment)
            hour += timedelta(hours=1)
        for sentiment, times in moments.items():
            cls.say(times, sentiment=sentiment, **values)

    @classmethod
    def burst(cls, count=40, until=NOW, minutes=50, **values):
        """Have something said so often within some minutes."""
        values.setdefault("sentiment", "negative")
        step = timedelta(minutes=minutes) / count
        return cls.say([until - step * number for number in range(1, count + 1)], **values)

    def look(self, now=NOW):
        """Let all watches look once."""
        self.env.flush_all()
        done = self.env["community.watch"]._look_at_all(now=now)
        self.env.flush_all()
        return done


class CrisisCase(CrisisMixin, CommunityCase):
    """Base of tests that need no web server."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._set_up_crisis()

    def alerts(self, **values):
        domain = [(name, "=", value) for name, value in values.items()]
        domain.append(("company_id", "=", self.company.id))
        domain.append(("id", "not in", self.before.ids))
        return self.env["community.alert"].search(domain)

    def setUp(self):
        super().setUp()
        self.before = self.env["community.alert"].search([])
