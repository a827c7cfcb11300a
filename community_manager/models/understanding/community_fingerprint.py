from odoo import fields, models

#: integers that stand for a text: texts that share one of them may be copies of each other
BANDS = 16


class CommunityFingerprint(models.Model):
    """What a recent text is recognised by in its copies, without reading it."""

    _name = "community.fingerprint"
    _description = "Fingerprint of a Text"
    _log_access = False

    mention_id = fields.Many2one("community.mention", required=True, index=True, ondelete="cascade")
    company_id = fields.Many2one("res.company", required=True, ondelete="cascade")
    published_at = fields.Datetime(required=True, index=True)
    compared = fields.Boolean(help="Its copies have been looked for.")
    band_0 = fields.Integer(index=True)
    band_1 = fields.Integer(index=True)
    band_2 = fields.Integer(index=True)
    band_3 = fields.Integer(index=True)
    band_4 = fields.Integer(index=True)
    band_5 = fields.Integer(index=True)
    band_6 = fields.Integer(index=True)
    band_7 = fields.Integer(index=True)
    band_8 = fields.Integer(index=True)
    band_9 = fields.Integer(index=True)
    band_10 = fields.Integer(index=True)
    band_11 = fields.Integer(index=True)
    band_12 = fields.Integer(index=True)
    band_13 = fields.Integer(index=True)
    band_14 = fields.Integer(index=True)
    band_15 = fields.Integer(index=True)

    _waiting = models.Index("(company_id, id) WHERE compared IS NOT TRUE")
