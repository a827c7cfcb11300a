from odoo import api, models
from odoo.exceptions import AccessError
from odoo.tools import format_datetime
from odoo.tools.misc import formatLang

#: authors of whom something changed that a button renews while one waits
AT_ONCE = 2000


class CommunityInfluence(models.Model):
    """The list of who is heard: what stands above it, and what its buttons do."""

    _inherit = "community.influence"

    @api.model
    @api.readonly
    def get_heading(self, domain):
        """Return what the list shows, in plain words.

        :param domain: what is shown, which the heading does not depend on
        :rtype: dict with ``sentence`` and ``more``, a list of sentences
        """
        self.check_access("read")
        company = self.env.company
        # sudo: how far the figures are is no secret to who reads them
        state = self.env["community.tie.state"].sudo().search([("company_id", "=", company.id)])
        more = [
            self.env._(
                "The score, 0 to 100, adds up 50 points for standing (who answers and shares them, and who those are), "
                "15 for how many people do, 15 for followers, 10 for what they say being about our topics, 10 for how "
                "much they say lately. The last two, and half of the followers, count as far as attention of people we "
                "know reaches the person."
            ),
            self.env._(
                "Attention begins at people we answered and at contacts, and flows on to whom they answer, mention, "
                "quote or share: accounts that only lift each other get none. One person gives at most a third of "
                "theirs to one other. Angry answers add nothing. What is %(days)s days old counts half.",
                days=company.community_tie_half_life,
            ),
        ]
        if not state.reckoned_at:
            return {"sentence": self.env._("Who is heard is counted tonight for the first time."), "more": more}
        if not state.guarded:
            more.insert(
                0,
                self.env._(
                    "We have answered nobody yet and no author is a contact, so accounts made to answer each other "
                    "cannot be told from people."
                ),
            )
        return {
            "sentence": self.env._(
                "Who is heard when they speak of us, and why: %(people)s people and %(ties)s ties, as of %(when)s.",
                people=formatLang(self.env, state.people, digits=0),
                ties=formatLang(self.env, state.ties, digits=0),
                when=format_datetime(self.env, state.reckoned_at, dt_format="short"),
            ),
            "more": more,
        }

    def action_refresh(self):
        """Reckon now: at once where little changed, otherwise soon in the background.

        :raises AccessError: for whoever is no manager
        """
        if not self.env.user.has_group("community_manager.group_manager"):
            raise AccessError(self.env._("Only managers update the figures."))
        company = self.env.company
        # sudo: figures are written by nobody by hand
        refresh = self.env["community.influence.refresh"].sudo()
        waiting = self.env["community.tie.refresh"].sudo()._collect(company)
        if waiting > AT_ONCE:
            self.env.ref("community_manager.cron_influence_refresh").sudo()._trigger()
            message = self.env._("There is much to count: it is done in the background, which takes some minutes.")
        else:
            refresh._refresh_now(company)
            message = self.env._("The figures are as of now.")
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "message": message,
                "type": "success",
                "next": {"type": "ir.actions.client", "tag": "soft_reload"},
            },
        }

    def action_open_author(self):
        """Open the person's page where the contact is known, the profile otherwise."""
        self.ensure_one()
        self.check_access("read")
        return self.author_id._action_open_person()

    def action_open_ties(self):
        """Open who answers, mentions, quotes or shares this person, and whom they do."""
        self.ensure_one()
        self.check_access("read")
        return self.author_id.action_open_ties()

    def action_open_picture(self):
        """Open the picture with this person in its middle."""
        self.ensure_one()
        self.check_access("read")
        action = self.env["ir.actions.actions"]._for_xml_id("community_manager.action_community_picture")
        return {**action, "params": {"author_id": self.author_id.id}}
