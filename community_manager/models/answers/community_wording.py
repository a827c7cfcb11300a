from odoo import api, fields, models
from odoo.exceptions import ValidationError

from .placeholders import fill, unknown


class CommunityWording(models.AbstractModel):
    """One way to put something into words: a language, the networks it is for, and the text.

    Whoever inherits this may say in :meth:`_placeholders` which names stand for something.
    """

    _name = "community.wording"
    _description = "Wording"

    language = fields.Selection(selection="_selection_language", help="Empty: for every language.")
    network_ids = fields.Many2many("community.network", string="Networks", help="Empty: for every network.")
    text = fields.Text(required=True)

    @api.model
    def _selection_language(self):
        return self.env["community.mention"]._language_choices()

    @api.model
    def _placeholders(self):
        """Return the names that stand for something in these texts."""
        return frozenset()

    @api.constrains("text")
    def _check_placeholders(self):
        for wording in self:
            known = wording._placeholders()
            strange = unknown(wording.text, known)
            if strange and known:
                raise ValidationError(
                    self.env._(
                        "“{{ %(name)s }}” stands for nothing. These do: %(known)s.",
                        name=strange[0],
                        known=", ".join(sorted(known)),
                    )
                )

    @api.model
    def _best_of(self, wordings, language, network, values, limit=0, length=len):
        """Return the wording that fits best, ready to be used.

        The language counts most, then that it is short enough, then that it was written for the network.  What was
        written for other networks only comes last.

        :param wordings: list of records that have ``language``, ``network_ids`` and ``text``
        :param str language: of whom it is for; empty: not known
        :param str network: code of the network; empty: not known
        :param dict values: of the placeholders
        :param int limit: longest text that may be sent; 0: any
        :param length: function that counts the length of a text
        :returns: (text, its language or "")
        """
        best = None
        for order, wording in enumerate(wordings):
            text = fill(wording.text, values)
            codes = wording.network_ids.mapped("code")
            spoken = 2 if language and wording.language == language else 1 if not wording.language else 0
            fits = not limit or length(text) <= limit
            network_rank = 2 if network and network in codes else 1 if not codes else 0
            key = (network_rank > 0, spoken, fits, network_rank, -order)
            if best is None or key > best[0]:
                best = (key, text, wording.language or "")
        return (best[1], best[2]) if best else ("", "")


class CommunityWordings(models.AbstractModel):
    """Records that say something in several wordings: their own text, and variants of it in lines."""

    _name = "community.wordings"
    _description = "Wordings"
    _inherit = ["community.wording"]

    def _wordings(self):
        """Return the wordings of one record, its own text first."""
        self.ensure_one()
        return [self, *self.line_ids]

    def _say(self, mention, values, way="reply", connector=None):
        """Return the text that fits a mention best.

        :param mention: the ``community.mention`` that is answered
        :param dict values: of the placeholders
        :param str way: "reply" or "message"
        :param connector: class of the connector that would send it, for its limit and its way of counting
        :returns: (text, its language or "")
        """
        language = (mention.language or "").lower().replace("_", "-").partition("-")[0]
        limit, length = (connector.limit(way), connector.length) if connector else (0, len)
        return self._best_of(self._wordings(), language, mention.network, values, limit, length)
