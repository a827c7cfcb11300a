from datetime import UTC, datetime

from freezegun import freeze_time

from odoo.fields import Command

from .common import item
from .routing_common import RoutingCase

__all__ = ["DeadlineCase", "at", "freeze_time"]


def at(text):
    """Return the naive UTC time that is written so: "2026-03-06 15:45"."""
    return datetime.strptime(text, "%Y-%m-%d %H:%M")


class DeadlineCase(RoutingCase):
    """A company that works from nine to five in Madrid, and policies for what is addressed to it."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["community.response.policy"].search([]).active = False
        cls.calendar = cls.make_calendar("Office", "Europe/Madrid", 9, 17)
        cls.company.resource_calendar_id = cls.calendar
        cls.company.partner_id.tz = "Europe/Madrid"

    @classmethod
    def make_calendar(cls, name, tz, begin, end, days=range(5)):
        """Create working hours that are the same on some days of the week."""
        return cls.env["resource.calendar"].create(
            {
                "name": name,
                "tz": tz,
                "company_id": cls.company.id,
                "attendance_ids": [
                    Command.create(
                        {
                            "name": f"{name} {day}",
                            "dayofweek": str(day),
                            "hour_from": begin,
                            "hour_to": end,
                            "day_period": "full_day",
                        }
                    )
                    for day in days
                ],
            }
        )

    @classmethod
    def make_policy(cls, name="Policy", minutes=0, **values):
        """Create a policy; ``minutes`` is the target of the first answer."""
        values = {key: [Command.set(value)] if key.endswith("_ids") and value and isinstance(value[0], int) else value
                  for key, value in values.items()}  # fmt: skip
        target = {"first_target": minutes, "first_unit": "minutes"} if minutes else {}
        return cls.env["community.response.policy"].create({"name": name, **target, **values})

    @classmethod
    def ask(cls, moment, text="Where is my order?", author="ann", conversation="", **values):
        """Let a message come in at the moment it was written (UTC); return its mention."""
        cls.said += 1
        with freeze_time(moment):
            entry = item(
                f"ask-{cls.said}",
                text,
                author,
                origin="own",
                published_at=at(moment).replace(tzinfo=UTC),
                conversation_id=conversation or f"talk of {author}",
                **values,
            )
            mention = cls.take(entry)
            cls.env.flush_all()
        return mention

    @classmethod
    def answer(cls, mention, moment, parent=True, author="us"):
        """Let an answer of ours come in that was given on the network itself."""
        cls.said += 1
        with freeze_time(moment):
            entry = item(
                f"ours-{cls.said}",
                "We look into it.",
                author,
                origin="own",
                outgoing=True,
                published_at=at(moment).replace(tzinfo=UTC),
                conversation_id=mention.conversation_id.external_id,
                parent_id=mention.external_id if parent else "",
            )
            ours = cls.take(entry)
            cls.env.flush_all()
        return ours

    def assertDue(self, mention, moment):
        """The answer to a mention is due at a moment (UTC), or not at all when that is None."""
        self.assertEqual(mention.answer_due or None, at(moment) if moment else None)
