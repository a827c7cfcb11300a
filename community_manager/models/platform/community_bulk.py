from odoo import api, fields, models
from odoo.tools import SQL

#: context key under which ``create`` is told that the values hold all defaults already
COMPLETE = "community_values_complete"


class CommunityBulk(models.AbstractModel):
    """Creation of hundreds of records at once."""

    _name = "community.bulk"
    _description = "Creation of Many Records"

    @api.model
    def _create_bulk(self, vals_list):
        """Create records like ``create``, in less time: a sixth of that of ingest.

        Defaults are looked up once, not field by field for each record (one that has to differ from record to record
        must be given in the values), empty values are left out, computed fields that are given are not computed, and
        links to other records are made in one statement.
        """
        if not vals_list:
            return self
        defaults = self._add_missing_default_values({})
        kept = {*defaults, *(name for name, field in self._fields.items() if field.type == "boolean")}
        vals_list = [
            {**defaults, **{name: value for name, value in values.items() if value is not False or name in kept}}
            for values in vals_list
        ]
        return self.with_context(**{COMPLETE: True}).create(vals_list).with_env(self.env)

    @api.model_create_multi
    def create(self, vals_list):
        if not self.env.context.get(COMPLETE):
            return super().create(vals_list)
        # innermost, so that automation rules and other overrides of create see the links
        vals_list = [dict(values) for values in vals_list]
        links = self._take_links(vals_list)
        given = self._computed_together({name for values in vals_list for name in values})
        records = super().create(vals_list)
        if links:
            # what is given was worked out with the links: setting them is no change
            with self.env.protecting(given, records):
                records._set_links(links)
        return records

    @api.model
    def _create(self, data_list):
        if self.env.context.get(COMPLETE):
            # the ORM computes what nobody may edit again although its value is given
            for data in data_list:
                data["protected"].update(self._computed_together(data["stored"]))
        return super()._create(data_list)

    @api.model
    def _computed_together(self, names):
        """Return the computed ones of some fields, with what is computed with them."""
        computed = self.pool.field_computed
        return {field for name in names for field in computed.get(self._fields[name], ())}

    @api.model
    def _take_links(self, vals_list):
        """Take many2many values that only set ids out of values; return ``{field: list of ids for each record}``."""
        links = {}
        for name in {name for values in vals_list for name in values if self._fields[name].type == "many2many"}:
            commands = [values.get(name) or () for values in vals_list]
            if all(len(found) <= 1 and all(c[0] == fields.Command.SET for c in found) for found in commands):
                links[name] = [tuple(dict.fromkeys(found[0][2])) if found else () for found in commands]
                for values in vals_list:
                    values.pop(name, None)
        return links

    def _set_links(self, links):
        """Set many2many fields of new records, which link to nothing yet, in one statement.

        :param dict links: ``{field: ids for each record}``
        """
        inserts = []
        for name, ids_list in links.items():
            field = self._fields[name]
            pairs = [(record_id, other) for record_id, ids in zip(self.ids, ids_list, strict=True) for other in ids]
            if pairs:
                inserts.append(
                    SQL(
                        "%s AS (INSERT INTO %s (%s, %s) SELECT * FROM unnest(%s::integer[], %s::integer[]))",
                        SQL.identifier(f"links_{len(inserts)}"),
                        SQL.identifier(field.relation),
                        SQL.identifier(field.column1),
                        SQL.identifier(field.column2),
                        [record_id for record_id, _other in pairs],
                        [other for _record_id, other in pairs],
                    )
                )
        if inserts:
            self.env.cr.execute(SQL("WITH %s SELECT", SQL(", ").join(inserts)))
        for name, ids_list in links.items():
            for record, ids in zip(self, ids_list, strict=True):
                self._fields[name]._update_cache(record, ids)
        self.modified(list(links))

    @api.model
    def _add_missing_default_values(self, values):
        if self.env.context.get(COMPLETE):
            return dict(values)
        return super()._add_missing_default_values(values)
