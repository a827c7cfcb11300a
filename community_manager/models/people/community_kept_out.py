from odoo import api, fields, models, tools
from odoo.exceptions import AccessError
from odoo.fields import NO_ACCESS

from ..platform import vault


class CommunityKeptOut(models.Model):
    """Somebody whose data were erased and are not to be collected again, known by a keyed hash alone.

    Whoever reads the table, or a copy of the database, cannot say who that is: the key is not in the database.
    """

    _name = "community.kept.out"
    _description = "Profile Not to Be Kept"
    _order = "since desc, id desc"
    _rec_name = "reference"
    _log_access = False

    company_id = fields.Many2one("res.company", required=True, readonly=True, index=True, ondelete="cascade")
    digest = fields.Char(required=True, readonly=True, groups=NO_ACCESS)
    reference = fields.Char(readonly=True, index=True, help="As in the privacy log.")
    since = fields.Datetime(required=True, readonly=True, default=fields.Datetime.now)

    _unique_digest = models.UniqueIndex("(company_id, digest)")

    @api.model_create_multi
    def create(self, vals_list):
        if not self.env.su:
            raise AccessError(self.env._("Profiles are kept out when their data are erased."))
        self.env.registry.clear_cache()
        return super().create(vals_list)

    def unlink(self):
        """Let these profiles in again: what they say is kept from now on."""
        for one in self:
            self.env["community.privacy.log"]._note(one.company_id, "let_in", one.reference, {self._name: 1})
        self.env.registry.clear_cache()
        return super().unlink()

    @api.model
    @tools.ormcache("company_id")
    def _has_any(self, company_id):
        """Return whether anybody at all is kept out of a company: listening asks on every page."""
        return bool(self.sudo().search_count([("company_id", "=", company_id)], limit=1))

    @api.model
    def _since(self, company, digests):
        """Return ``{digest: when they were erased}`` of those of some profiles that are kept out.

        :param company: ``res.company``
        :param digests: see :meth:`_digest`
        """
        wanted = [("company_id", "=", company.id), ("digest", "in", list(digests))]
        return {one.digest: one.since for one in self.sudo().search_fetch(wanted, ["digest", "since"])}

    @api.model
    def _digest(self, network, realm, external_id):
        """Return the keyed hash of a profile: of its identifier, which does not change with its name."""
        return vault.keyed("\x1f".join(("author", network, realm or "", external_id)))

    @api.model
    def _keep_out(self, authors, reference):
        """Keep some profiles out from now on.

        :param authors: ``community.author`` records that still have their identifiers
        :param str reference: see :meth:`community.author._privacy_reference`
        :returns: the records that were made
        """
        wanted = {}
        for author in authors:
            digest = self._digest(author.network, author.realm, author.external_id)
            wanted[author.company_id.id, digest] = {
                "company_id": author.company_id.id,
                "digest": digest,
                "reference": reference,
            }
        records = self.sudo()
        found = records.search(
            [
                ("company_id", "in", [company for company, _digest in wanted]),
                ("digest", "in", [digest for _company, digest in wanted]),
            ]
        )
        # who came back and is erased again is kept out from now on
        found.filtered(lambda one: (one.company_id.id, one.digest) in wanted).since = fields.Datetime.now()
        known = {(one.company_id.id, one.digest) for one in found}
        return records.create([values for key, values in wanted.items() if key not in known])
