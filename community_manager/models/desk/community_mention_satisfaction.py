import logging
from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError

from ...connectors import network as network_class
from .community_close_reason import CLOSED

_logger = logging.getLogger(__name__)

#: what a click on the rating page is worth
SATISFIED = {5: "happy", 3: "neutral", 1: "unhappy"}
#: people that one run asks at most
MOST_ASKED = 200


class CommunityMention(models.Model):
    """Whether somebody who wrote is satisfied with what became of it."""

    _inherit = "community.mention"

    satisfaction = fields.Selection(
        [("happy", "Satisfied"), ("neutral", "Neither nor"), ("unhappy", "Not satisfied")],
        readonly=True,
        copy=False,
        help="What its author said when asked.",
    )
    satisfaction_comment = fields.Text(readonly=True, copy=False, string="Comment of the author")
    satisfaction_asked_at = fields.Datetime(readonly=True, copy=False, string="Asked whether satisfied")
    satisfaction_due = fields.Datetime(
        readonly=True, copy=False, help="When its author will be asked whether they are satisfied."
    )

    _ask_due = models.Index("(satisfaction_due) WHERE satisfaction_due IS NOT NULL")
    _asked = models.Index("(author_id) WHERE satisfaction_asked_at IS NOT NULL")
    # what changes when its author writes again, asked for at every arrival
    _waits_for = models.Index("(author_id) WHERE snoozed_until IS NOT NULL OR satisfaction_due IS NOT NULL")

    def write(self, vals):
        if "state" in vals and vals["state"] != "done":
            vals = {"satisfaction_due": False, **vals}
        before = self.filtered(lambda mention: mention.state == "done") if "state" in vals else self
        result = super().write(vals)
        if vals.get("state") == "done":
            closed = (self - before).filtered(lambda mention: mention.author_id and not mention.outgoing)
            for company, mentions in closed.grouped("company_id").items():
                if company.community_ask_satisfied:
                    due = fields.Datetime.now() + timedelta(hours=company.community_ask_satisfied_hours)
                    super(CommunityMention, mentions).write({"satisfaction_due": due})
        return result

    # -- asking ----------------------------------------------------------------------------------------------------

    def action_ask_satisfied(self):
        """Open the dialog that asks the author whether they are satisfied."""
        self.ensure_one()
        self.check_access("write")
        reason = self._not_to_be_asked()
        if reason:
            raise UserError(reason)
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Ask whether they are satisfied"),
            "res_model": "community.satisfaction",
            "views": [(False, "form")],
            "target": "new",
            "context": {"default_mention_id": self.id, "dialog_size": "medium"},
        }

    def _not_to_be_asked(self):
        """Return why the author is not asked whether they are satisfied; ``""`` when they may be."""
        self.ensure_one()
        days = self.company_id.community_ask_satisfied_days
        since = fields.Datetime.now() - timedelta(days=days)
        if self.outgoing or not self.author_id:
            return self.env._("There is nobody to ask.")
        if self.deleted_at:
            return self.env._("This was deleted on the network, so it cannot be answered.")
        if self.satisfaction_asked_at or self.conversation_id.satisfaction_asked_at:
            return self.env._("They were asked in this conversation already.")
        people = self.author_id
        if self.author_id.partner_id:  # one person may write with several accounts
            people |= people.sudo().search(
                [("partner_id", "=", self.author_id.partner_id.id), ("company_id", "=", self.company_id.id)]
            )
        if self.sudo().search_count([("author_id", "in", people.ids), ("satisfaction_asked_at", ">", since)], limit=1):
            return self.env._("They were asked less than %d days ago.", days)
        return ""

    def _satisfaction_way(self):
        """Return the account and the way in which the author can be asked, or ``(None, "")``.

        A link in public may be followed by anybody, so a private message goes first.
        """
        self.ensure_one()
        channel = self._reply_channel()
        cls = network_class(self.network)
        ways = cls.ways(self._target(channel)) if cls and channel and not self.deleted_at else ()
        private = self.visibility == "direct" and "reply" in ways
        if private or "message" in ways:
            return channel, "reply" if private else "message"
        if "reply" in ways and self.company_id.community_ask_satisfied_way == "any":
            return channel, "reply"
        return None, ""

    def _satisfaction_link(self):
        """Return the address of the page on which the author says whether they are satisfied.

        :raises AccessError: whoever may not work on the mention must not answer in the author's place
        """
        self.ensure_one()
        self.check_access("write")
        # the list of ratings does not show one that was just made
        asked = [("res_model", "=", self._name), ("res_id", "=", self.id), ("consumed", "=", False)]
        rating = self.env["rating.rating"].sudo().search(asked, limit=1)
        token = rating.access_token or self.sudo()._rating_get_access_token()
        return f"{self.get_base_url()}/rate/{token}/3"

    def _satisfaction_text(self):
        """Return the question with its link, in the language of what the author wrote where it is installed."""
        self.ensure_one()
        installed = [code for code, _name in self.env["res.lang"].get_installed()]
        language = next((code for code in installed if code.split("_")[0] == self.language), None)
        mention = self.with_context(lang=language) if language else self
        question = mention.company_id.sudo().community_ask_satisfied_text or mention.env._(
            "How did we do? One click is enough:"
        )
        return f"{question.strip()} {self._satisfaction_link()}"

    def _ask_satisfied(self, text, channel, way):
        """Queue the question to the author.

        :param str text: with the link
        :param channel: the ``community.channel`` to send from
        :param str way: "reply" or "message"
        :returns: the ``community.reply``
        :raises UserError: it cannot be sent, with the reason
        """
        self.ensure_one()
        reply = self._reply(text, way, channel)
        self._note_asked()
        return reply

    def _note_answer_begun(self, user):
        # what is asked by itself makes nobody responsible
        return None if user._is_superuser() else super()._note_answer_begun(user)

    def _note_asked(self):
        now = fields.Datetime.now()
        self.sudo().write({"satisfaction_asked_at": now, "satisfaction_due": False})
        self.conversation_id.sudo().write({"satisfaction_asked_at": now})

    @api.model
    def _cron_ask(self):
        """Ask the authors of what was closed a while ago; each of them once."""
        now = fields.Datetime.now()
        due = self.search([("satisfaction_due", "<=", now)], limit=MOST_ASKED, order="satisfaction_due, id")
        left = len(due)
        for mention in due:
            left -= 1
            mention.try_lock_for_update()._ask_by_itself()
            if not self.env["ir.cron"]._commit_progress(1, remaining=left):
                break

    def _ask_by_itself(self):
        """Ask the author of what is due, unless something speaks against it; whatever happens, it is tried once."""
        for mention in self:
            mention.satisfaction_due = False
            self.env.flush_all()
            try:
                with self.env.cr.savepoint():
                    mention._ask_if_fitting()
                    self.env.flush_all()
            except UserError as error:  # the network does not take it
                mention._log_sentence(self.env._("Not asked whether they are satisfied: %s", error))
            except Exception as error:
                if self.env["community.ingest"]._is_infrastructure(error):
                    raise
                self.env.invalidate_all(flush=False)
                _logger.exception("mention %s: its author could not be asked", mention.id)

    def _ask_if_fitting(self):
        self.ensure_one()
        company = self.company_id
        quiet = not company.community_ask_satisfied or self.state != "done" or self.is_namesake
        if quiet or (self.close_reason_id and not self.close_reason_id.ask_satisfied):
            return
        # who was never answered is not asked how the answer was
        sent = [("mention_id", "=", self.id), ("state", "=", "sent")]
        said = self.conversation_id.mention_ids.filtered("outgoing") or self.env["community.reply"].search_count(
            sent, limit=1
        )
        if not said or self._not_to_be_asked():
            return
        mention = self.with_company(company)
        channel, way = mention._satisfaction_way()
        if way:
            mention._ask_satisfied(mention._satisfaction_text(), channel, way)

    # -- the answer ------------------------------------------------------------------------------------------------

    def rating_apply(self, rate, token=None, rating=None, feedback=None, subtype_xmlid=None, notify_delay_send=False):
        """Keep what the author said, and open the mention again where that was bad and the company wants it.

        :raises AccessError: who calls it may not work on the mention; the page of the link runs as superuser
        """
        self.check_access("write")
        rating = super().rating_apply(
            rate,
            token=token,
            rating=rating,
            feedback=feedback,
            subtype_xmlid=subtype_xmlid,
            notify_delay_send=notify_delay_send,
        )
        said = min(SATISFIED, key=lambda value: abs(value - rate))
        values = {"satisfaction": SATISFIED[said], "satisfaction_comment": feedback or False}
        self.sudo().write(values)
        self.conversation_id.sudo().write({"satisfaction": SATISFIED[said]})
        for mention in self.sudo():
            if SATISFIED[said] == "unhappy" and mention.company_id.community_reopen_unsatisfied:
                mention._reopen_unsatisfied()
        return rating

    def _reopen_unsatisfied(self):
        """Bring a mention back whose author is not satisfied."""
        self.ensure_one()
        if self.state in CLOSED:
            self.write({"state": "open"})
            self._log_sentence(self.env._("Open again: the author is not satisfied."))
            user = self.user_id
            if user.active:
                words = self.with_context(lang=user.lang) if user.lang else self
                name = self.author_id.display_name or words.env._("Unknown author")
                user._bus_send(
                    "simple_notification",
                    {"type": "warning", "message": words.env._("%s is not satisfied: open again.", name)},
                )

    def _rating_apply_get_default_subtype_id(self):
        # a note: followers in the company are told, and nothing is sent to the author
        return self.env["ir.model.data"]._xmlid_to_res_id("mail.mt_note")
