from odoo import api, models

#: the part of a company's channel on the bus that desks listen to
DESK = "community_desk"
#: type of the messages
NEWS = "community_manager.news"
#: so many ids are told; whoever hears of more looks again anyway
MOST_IDS = 100


class CommunityNews(models.AbstractModel):
    """What desks hear of: how many mentions arrived, and which ones colleagues changed.

    One message for each company and transaction, sent when it is committed, whatever it did: one row on the bus for all
    agents of a company.  Messages carry numbers only, for record rules do not hold on the bus; whoever hears of
    something reads it in the usual way.  The channel is the company's record, which no client can name: the server
    adds it for agents (see ``ir.websocket``).
    """

    _name = "community.news"
    _description = "News for Desks"

    @api.model
    def _note_arrived(self, mentions):
        """Tell how many of new mentions others wrote.

        :param mentions: ``community.mention`` records of one company, just created
        """
        theirs = sum(not mention.outgoing for mention in mentions)
        if theirs:
            self._news(mentions[:1].company_id.id)["count"] += theirs

    @api.model
    def _note_changed(self, mentions):
        """Tell that the state or the owner of mentions changed."""
        for company, changed in mentions.sudo().grouped("company_id").items():
            ids = self._news(company.id)["ids"]
            ids.update(dict.fromkeys(changed.ids[: MOST_IDS + 1 - len(ids)]))

    @api.model
    def _news(self, company_id):
        """Return what this transaction is going to tell the desks of a company."""
        precommit = self.env.cr.precommit
        if NEWS not in precommit.data:
            precommit.data[NEWS] = {}
            precommit.add(self._send)
        return precommit.data[NEWS].setdefault(company_id, {"count": 0, "ids": {}})

    def _send(self):
        """Hand the news of this transaction to the bus, which sends them after the commit."""
        for company_id, news in self.env.cr.precommit.data.pop(NEWS, {}).items():
            ids = list(news["ids"])
            message = {
                "company_id": company_id,
                "count": news["count"],
                "ids": ids[:MOST_IDS],
                "more": len(ids) > MOST_IDS,
            }
            self.env["bus.bus"]._sendone((self.env["res.company"].browse(company_id), DESK), NEWS, message)
