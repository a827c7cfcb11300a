from odoo import fields, models


class CommunityIdentityKey(models.Model):
    """What profiles and contacts may have in common, as short fingerprints that an index finds.

    The fingerprints say nothing to a reader; they only bring together whom it is worth comparing, so that a hundred
    thousand profiles and a million contacts are never compared one by one.
    """

    _name = "community.identity.key"
    _description = "Key of an Identity"
    _log_access = False

    key = fields.Char(required=True)
    author_id = fields.Many2one("community.author", ondelete="cascade", index="btree_not_null")
    partner_id = fields.Many2one("res.partner", ondelete="cascade", index="btree_not_null")

    _of_authors = models.Index("(key, author_id) WHERE author_id IS NOT NULL")
    _of_partners = models.Index("(key, partner_id) WHERE partner_id IS NOT NULL")
