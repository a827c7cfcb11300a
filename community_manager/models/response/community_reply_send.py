import logging
import random
import traceback
from datetime import timedelta

from odoo import api, fields, models
from odoo.tools import SQL

from ...connectors.errors import AccessDenied, AccessExpired, ConnectorError, Duplicate, Gone, RateLimited
from ..platform.moments import naive
from ..platform.sentences import said
from .community_reply import ON_ITS_WAY

_logger = logging.getLogger(__name__)

#: attempts before a message is given up and its writer told: about six hours
MOST_ATTEMPTS = 12
#: pauses between attempts grow from the first to the last of these
SHORTEST_PAUSE = timedelta(seconds=20)
LONGEST_PAUSE = timedelta(hours=1)
#: a message that waits for something of ours (a hold, a channel without access) is looked at again after this
HELD_PAUSE = timedelta(minutes=5)
#: seconds after which an attempt whose worker died can no longer reach the network
ABANDONED = 90
#: of one channel, messages whose holds are looked at together
HEADS = 50


class CommunityReply(models.Model):
    """How one message goes from state to state; :class:`community.outbox` drives it."""

    _inherit = "community.reply"

    @api.model
    def _next_of(self, channel):
        """Return the message of a channel that is dealt with next, or an empty record.

        In each conversation the oldest one that is on its way goes first and the others wait for it.  What is held
        back says so and is passed over.

        :param channel: one ``community.channel``
        """
        now = fields.Datetime.now()
        while due := self._heads(channel, now):
            started = due.filtered(lambda reply: reply.state != "queued")
            if started:  # what was begun comes to its end, whatever holds new ones back
                return started[0]
            free = due._look_at_holds()
            (due - free).write({"next_try_at": now + HELD_PAUSE})
            for reply in due - free:
                if reply.hold_until and reply.hold_until < now + HELD_PAUSE:
                    reply.next_try_at = reply.hold_until
            if free:
                return free[0]
        return due

    @api.model
    def _heads(self, channel, now):
        """Return the first messages of a channel that are due and wait for no earlier one of their conversation.

        Asked for before each message, so its time must not depend on how many wait.
        """
        self.flush_model(["channel_id", "conversation_id", "state", "next_try_at"])
        rows = self.env.execute_query(
            SQL(
                """SELECT r.id FROM community_reply r
                    WHERE r.channel_id = %(channel)s AND r.state IN %(states)s AND r.next_try_at <= %(now)s
                      AND NOT EXISTS (
                          SELECT FROM community_reply e
                           WHERE e.conversation_id = r.conversation_id AND e.channel_id = r.channel_id
                             AND e.state IN %(states)s AND e.id < r.id
                      )
                      AND NOT EXISTS (
                          SELECT FROM community_reply p WHERE p.id = r.previous_id AND p.state IN %(states)s
                      )
                 ORDER BY r.id LIMIT %(limit)s""",
                channel=channel.id,
                states=ON_ITS_WAY,
                now=now,
                limit=HEADS,
            )
        )
        return self.browse(row[0] for row in rows)

    @api.model
    def _wait_for(self, channel):
        """Let everything that is due wait, and say why: nothing can be asked through this channel now."""
        now = fields.Datetime.now()
        due = self.search([("channel_id", "=", channel.id), ("state", "in", ON_ITS_WAY), ("next_try_at", "<=", now)])
        due.filtered(lambda reply: reply.state == "queued")._look_at_holds()
        due.write({"next_try_at": now + HELD_PAUSE})

    def _begin(self, connector_class):
        """Say what is to be done with this message now, and note it.

        :returns: "send", "find" or "" for nothing yet
        """
        self.ensure_one()
        now = fields.Datetime.now()
        if self.state == "sending":  # its worker died: nobody knows how far it came
            pause = 0 if connector_class.repeat_seconds else max(ABANDONED, connector_class.settle_seconds)
            self.write(
                {
                    "state": "uncertain",
                    "next_try_at": max(now, self.tried_at + timedelta(seconds=pause)),
                    "problem": self.env._("Sending broke off. We look whether it arrived before it is sent again."),
                }
            )
            if self.next_try_at > now:
                return ""
        if self.state == "uncertain":
            repeatable = now < self.first_tried_at + timedelta(seconds=connector_class.repeat_seconds)
            if not repeatable:
                return "find"
        if self.state == "queued" and self.previous_id.state not in (False, "sent"):
            self.previous_id._stop_following()  # deleted or taken back since
            return ""
        objection = self._objection()
        if objection and self.state == "queued":
            self._fail(objection)
            return ""
        self.write(
            {
                "state": "sending",
                "attempts": self.attempts + 1,
                "tried_at": now,
                "first_tried_at": self.first_tried_at or now,
            }
        )
        return "send"

    def _conclude(self, step, item, error):
        """Note how an attempt ended.

        :param str step: "send" or "find"
        :param item: the ``MentionItem`` that went out or was found, or None
        :param error: what was raised, or None
        """
        self.ensure_one()
        if item is not None and step == "find" and self._is_of_another(item):
            item = None
        if item is not None:
            self._note_sent(item)
        elif self.state != ("uncertain" if step == "find" else "sending"):
            return  # somebody decided meanwhile, and knows better than an attempt that found nothing
        elif error is None:
            self._note_not_there()
        elif step == "find":
            self._note_not_found_out(error)
        else:
            self._note_failure(error)

    def _is_of_another(self, item):
        """Return whether what was found is another message of ours with the same words, sent a moment before.

        With other words it is an answer that this one has replaced, as answers to reviews do.
        """
        return bool(
            self.search_count(
                [
                    ("id", "!=", self.id),
                    ("text", "=", self.text),
                    ("company_id", "=", self.company_id.id),
                    ("network", "=", self.network),
                    ("sent_realm", "=", self.channel_id._realm(item.realm)),
                    ("external_id", "=", item.external_id),
                ],
                limit=1,
            )
        )

    def _note_not_there(self):
        """It was looked for and is not there: it may be sent again."""
        if self.attempts >= MOST_ATTEMPTS:
            self._fail(self.problem or self.env._("The network did not take it after many attempts."))
            return
        now = fields.Datetime.now()
        self.write(
            {
                "state": "queued",
                "next_try_at": now if self.attempts < 2 else now + self._pause(),
                "first_tried_at": False,
            }
        )

    def _note_sent(self, item):
        self.write(
            {
                "state": "sent",
                "sent_at": naive(item.published_at) or fields.Datetime.now(),
                "external_id": item.external_id,
                "sent_realm": self.channel_id._realm(item.realm),
                "sent_identifiers": item.identifiers or False,
                "url": item.url or False,
                "next_try_at": False,
                "problem": False,
                "problem_detail": False,
                "hold_reason": False,
                "hold_until": False,
            }
        )
        self.activity_unlink(["community_manager.activity_reply"])
        self.mention_id._note_answered()

    def _note_failure(self, error):
        """Decide by what was raised whether to try again, to look first, or to tell the writer."""
        known = isinstance(error, ConnectorError)
        sentence, detail = self._explain(error)
        values = {"problem": sentence, "problem_detail": detail}
        now = fields.Datetime.now()
        if isinstance(error, Duplicate):
            soon = now if self.attempts < 2 else now + self._pause()
            self.write({**values, "state": "uncertain", "next_try_at": soon})
            self._give_up_asking(sentence)
        elif not known or error.unsure:
            cls = self.channel_id._connector_class()
            settle = timedelta(seconds=0 if cls.repeat_seconds else cls.settle_seconds)
            self.write({**values, "state": "uncertain", "next_try_at": now + max(settle, self._pause())})
            self._give_up_asking(sentence)
        elif isinstance(error, RateLimited):
            until = self._until(error)
            # the network's limit is no attempt of ours
            self.write({**values, "state": "queued", "next_try_at": until, "attempts": max(0, self.attempts - 1)})
            self.channel_id._note_rate_limit(until)
        elif isinstance(error, AccessExpired):
            self.write({**values, "state": "queued", "next_try_at": now + HELD_PAUSE})
            self.channel_id._note_failure(sentence, detail=detail or "", action="access")
        elif error.action == "retry" and self.attempts < MOST_ATTEMPTS:
            self.write({**values, "state": "queued", "next_try_at": now + self._pause()})
        else:
            if isinstance(error, Gone):
                sentence = self.env._("What you answer was deleted on the network.")
            elif isinstance(error, AccessDenied):
                sentence = self.env._("The network does not allow this answer: %s", sentence)
            self._fail(sentence, detail)

    def _note_not_found_out(self, error):
        """The network could not be asked about a message, or does not show what we said."""
        if isinstance(error, NotImplementedError):
            sentence = self._for_writer().env._(
                "It may have arrived, and this network does not show us. Look there, then say whether it was sent."
            )
            self.write({"problem": sentence, "next_try_at": False})
            self._tell(self._for_writer().env._("Was this message sent?"), sentence)
            return
        sentence, detail = self._explain(error)
        if isinstance(error, Gone):  # what was answered is gone: a repeat would be refused
            self._fail(self.env._("What you answer was deleted on the network."), detail)
            return
        values = {"problem": sentence, "problem_detail": detail, "attempts": self.attempts + 1}
        values["next_try_at"] = self._until(error)
        self.write(values)
        self._give_up_asking(sentence)

    def _give_up_asking(self, sentence):
        """Leave it to a person after too many attempts."""
        if self.attempts >= MOST_ATTEMPTS:
            self.next_try_at = False
            self._tell(self._for_writer().env._("Was this message sent?"), sentence)

    def _explain(self, error):
        """Return what a person is told of an error, and the technical remainder, without secrets."""
        channel = self.channel_id
        if isinstance(error, ConnectorError):
            hide = channel._without_secrets
            return hide(said(self._for_writer().env, error)), hide(error.detail)[:1000] or False
        trace = channel._without_secrets("".join(traceback.format_exception(error)))
        _logger.error("message %s: unexpected failure\n%s", self.id, trace)
        sentence = self._for_writer().env._("Something unexpected happened while this was sent.")
        return sentence, channel._without_secrets(repr(error))[:1000]

    def _pause(self):
        """Return how long to wait before the next attempt: longer each time, and not all at the same second."""
        pause = min(LONGEST_PAUSE, SHORTEST_PAUSE * 2 ** min(max(self.attempts - 1, 0), 10))
        return pause * random.uniform(0.75, 1.25)

    def _until(self, error):
        """Return when to ask again: when the network says so, unless that is over already, by our clock."""
        now = fields.Datetime.now()
        until = naive(getattr(error, "retry_at", None))
        return until if until and until > now else now + self._pause()

    def _fail(self, sentence, detail=False):
        self.write({"state": "failed", "problem": sentence, "problem_detail": detail, "next_try_at": False})
        self._stop_following()
        self._tell(self._for_writer().env._("A message could not be sent"), sentence)

    def _for_writer(self):
        """Return the message in its writer's language."""
        language = self.user_id.lang
        return self.with_context(lang=language) if language else self

    def _tell(self, summary, note):
        """Give the writer an activity, once until it is done."""
        kind = "community_manager.activity_reply"
        if self.user_id.active and not self.activity_search([kind]):
            self.activity_schedule(kind, summary=summary, note=note, user_id=self.user_id.id)
