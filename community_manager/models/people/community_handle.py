from odoo import api, fields, models

from ...analysis.addresses import handle_key


class CommunityHandle(models.Model):
    """A name under which a contact is found on a network, entered by a person.

    A handle can change hands.  Once a profile was linked through it, what identifies that profile is remembered, and
    from then on that decides: somebody else who takes the handle over is not the contact.
    """

    _name = "community.handle"
    _description = "Handle of a Contact"
    _order = "partner_id, network, id"
    _rec_name = "handle"

    partner_id = fields.Many2one("res.partner", string="Contact", required=True, ondelete="cascade", index=True)
    company_id = fields.Many2one(related="partner_id.company_id", store=True, index="btree_not_null")
    network = fields.Selection(selection=lambda self: self.env["community.channel"]._selection_network(), required=True)
    handle = fields.Char(
        required=True, help="As the network writes it, with the server where it has one, or the address of the profile."
    )
    key = fields.Char(compute="_compute_key", store=True, index=True)
    realm = fields.Char(readonly=True, copy=False)
    external_id = fields.Char(
        readonly=True,
        copy=False,
        string="Identifier on the network",
        help="Whom the handle belonged to when a profile was linked through it.",
    )

    _unique_handle = models.UniqueIndex("(partner_id, network, key)", "This contact has that handle already.")

    @api.depends("network", "handle")
    def _compute_key(self):
        for record in self:
            record.key = handle_key(record.network or "", record.handle or "")

    @api.model_create_multi
    def create(self, vals_list):
        records = super().create(vals_list)
        records.partner_id._community_stale("identity")
        return records

    def write(self, vals):
        partners = self.partner_id
        if not {"network", "handle", "partner_id"}.isdisjoint(vals):
            vals = {**vals, "external_id": False, "realm": False}  # somebody says anew whose it is
        result = super().write(vals)
        (partners | self.partner_id)._community_stale("identity")
        return result

    def unlink(self):
        partners = self.partner_id
        result = super().unlink()
        partners._community_stale("identity")
        return result

    def _pin(self, author):
        """Remember which profile has this handle now; whoever takes it over later is somebody else."""
        self.write({"realm": author.realm, "external_id": author.external_id})
