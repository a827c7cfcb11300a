from odoo import api, fields, models

from ..routing.ruleset import linked
from .community_mention import OLDEST, WAITING, AnswerPlan
from .policyset import Asked

#: given to ``create`` so that it computes nothing for what has no deadline; False would be left out
NOTHING = {"answer_due": None, "answer_asked_at": None, "answer_policy_id": None, "answer_step_at": None}


class CommunityIngest(models.AbstractModel):
    """Deadlines of what comes in, and answers that were given on the network itself."""

    _inherit = "community.ingest"

    @api.model
    def _complete(self, channel, vals_list):
        result = super()._complete(channel, vals_list)
        self._set_deadlines(channel.company_id.id, vals_list)
        return result

    @api.model
    def _set_deadlines(self, company_id, vals_list):
        """Put the deadlines into the values of mentions before they are created.

        :param company_id: of all of them
        :param vals_list: values for ``create``, changed in place
        """
        policies = self.env["community.response.policy"]._policies(company_id)
        spam = self.env["community.intent"]._by_code().get("spam")
        now = fields.Datetime.now()
        asking = []
        for values in vals_list:
            values.update(NOTHING)
            if (
                policies
                and not values.get("outgoing")
                and values.get("state", "new") in WAITING
                and not values.get("is_namesake")
                and not values.get("deleted_at")
                and now - values["published_at"] <= OLDEST
                and spam not in linked(values.get("intent_ids"))
            ):
                asking.append(values)
        if not asking:
            return
        lifecycles = {}
        if policies.reads_lifecycle:
            authors = self.env["community.author"].browse(
                {values.get("author_id") for values in asking} - {False, None}
            )
            lifecycles = authors._lifecycles()
        plan = AnswerPlan(self.env, company_id, policies)
        plan.read_known([values.get("conversation_id") for values in asking])
        rows = [_row(values, lifecycles) for values in asking]
        for values, found in zip(asking, plan.plan(rows), strict=True):
            values.update(found or ())

    @api.model
    def _arrived(self, channel, mentions):
        result = super()._arrived(channel, mentions)
        ours = mentions.filtered("outgoing")
        if ours:
            self.env["community.response"]._record_own_words(ours)
        return result


def _row(values, lifecycles):
    """Return what a plan wants to know of the values of a mention."""
    author_id = values.get("author_id") or False
    return {
        "conversation_id": values.get("conversation_id") or False,
        "author_id": author_id,
        "published_at": values["published_at"],
        "department_id": values.get("department_id") or False,
        "asked": Asked(
            topics=frozenset(linked(values.get("topic_ids"))),
            intents=frozenset(linked(values.get("intent_ids"))),
            network=values["network"],
            channel=values["channel_id"],
            origin=values.get("origin") or "search",
            visibility=values.get("visibility") or "public",
            sentiment=values.get("sentiment") or "",
            language=values.get("language") or "",
            priority=values.get("priority") or "0",
            lifecycle=lifecycles.get(author_id) or "",
        ),
    }
