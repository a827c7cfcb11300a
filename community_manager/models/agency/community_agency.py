import functools
import inspect

from odoo import api, models
from odoo.exceptions import AccessError

GROUP = "community_manager.group_agency"
#: what every record has
ALWAYS = frozenset(("id", "display_name", "create_date", "write_date"))
#: what agencies read of each model besides, whatever other applications add to it; all else is refused on the server
READABLE = {
    "community.mention": frozenset(
        (
            "company_id channel_id network icon_url kind author_id author_handle author_url audience"
            " title text summary excerpt opening url published_at edited_at deleted_at language visibility origin"
            " outgoing state priority user_id likes shares replies rating sentiment"
        ).split()
    ),
    "community.conversation": frozenset(
        "company_id channel_id network external_id name mention_ids last_mention_at state".split()
    ),
    "community.author": frozenset("company_id network external_id name handle url followers".split()),
    "community.reply": frozenset(
        (
            "company_id channel_id network icon_url account_name mention_id author_id way title text"
            " summary state sent_at queued_at user_id url"
        ).split()
    ),
    "community.channel": frozenset("name company_id active sequence network icon_url account_name state".split()),
}
#: buttons and calls that agencies have, with the right to the records that each needs; all else is refused
CALLABLE = {
    "community.mention": {
        "get_conversation": "own",
        "get_reply_options": "read",
        "check_reply": "read",
        "get_suggestions": "own",
        "send_reply": "write",
        "save_draft": "write",
        "add_reply_file": "write",
        "describe_reply_file": "write",
        "remove_reply_file": "write",
        "action_assign_to_me": "write",
        "action_done": "write",
        "action_ignore": "write",
        "action_reopen": "write",
        "action_open_network": "read",
        "get_empty_list_help": "own",
    },
    "community.reply": {
        "action_cancel": "write",
        "action_undo": "write",
        "action_draft": "write",
        "action_send_now": "write",
        "action_open_network": "read",
    },
    "community.conversation": {},
    "community.author": {},
    "community.channel": {"get_empty_list_help": "own"},
}


class CommunityAgency(models.AbstractModel):
    """What people of an agency may see and do: outsiders who answer assigned channels, and nothing beyond.

    Records are limited by global rules, fields by :data:`READABLE`, calls by :data:`CALLABLE`.  Both lists say what is
    allowed, so what is added to these models later is closed until somebody opens it.  Models inherit this one.
    """

    _name = "community.agency"
    _description = "Limits of Agencies"

    @api.model
    def _is_agency(self):
        """Return whether the current user is of an agency, rights of the system aside."""
        return not self.env.su and self.env.user.has_group(GROUP)

    @api.model
    def _get_view_cache_key(self, view_id=None, view_type="form", **options):
        """Keep the screens of agencies apart: what is read for one person is remembered for all."""
        return (*super()._get_view_cache_key(view_id, view_type, **options), self._is_agency())

    @api.model
    def _has_field_access(self, field, operation):
        if not super()._has_field_access(field, operation):
            return False
        allowed = READABLE.get(self._name)
        readable = allowed is None or (operation == "read" and (field.name in allowed or field.name in ALWAYS))
        return readable or not self._is_agency()

    def _field_to_sql(self, alias, field_expr, query=None):
        name = field_expr.split(".")[0]
        if name in self._fields:  # the framework looks at what a related field stands for, as superuser
            self._check_field_access(self._fields[name], "read")
        return super()._field_to_sql(alias, field_expr, query)

    def _read_group_groupby(self, alias, groupby_spec, query):
        name = groupby_spec.split(".")[0].split(":")[0]
        if name in self._fields:  # the framework leaves this to access rights of the other model for many2many
            self._check_field_access(self._fields[name], "read")
        return super()._read_group_groupby(alias, groupby_spec, query)

    def export_data(self, fields_to_export):
        """Refuse what agencies must not take along."""
        if self._is_agency():
            raise AccessError(self.env._("Agencies cannot export."))
        return super().export_data(fields_to_export)

    def _mail_get_operation_for_mail_message_operation(self, message_operation):
        if self._is_agency():
            # notes of colleagues name contacts and orders: whoever could not delete the record reads none of them
            return dict.fromkeys(self, "unlink")
        return super()._mail_get_operation_for_mail_message_operation(message_operation)

    @api.model
    def _refuse_agency(self):
        raise AccessError(self.env._("Agencies answer the channels they were given. This is not part of it."))

    def _register_hook(self):
        """Put the limits around every call of these models but those that all models have."""
        super()._register_hook()
        if self._name != "community.agency":
            return
        known = self.env.registry["base"]
        for model, allowed in CALLABLE.items():
            cls = self.env.registry[model]
            for name in dir(cls):
                if name.startswith("_") or hasattr(known, name):
                    continue
                method = getattr(cls, name)
                if not inspect.isfunction(method) or allowed.get(name) == "own":
                    continue
                if not hasattr(method, "_agency_limit"):
                    setattr(cls, name, _limited(method, allowed.get(name)))


def _limited(method, right):
    """Return a method that agencies may call on records they have a right to, or not at all.

    :param right: "read", "write" or None
    """

    @functools.wraps(method)
    def limited(self, *args, **kwargs):
        if self.env.su or not self.env.user.has_group(GROUP):
            return method(self, *args, **kwargs)
        if right is None:
            self.env["community.agency"]._refuse_agency()
        self.check_access(right)
        # what the call looks at beyond the readable fields stays on the server
        return method(self.sudo(), *args, **kwargs)

    limited._agency_limit = right or ""
    return limited
