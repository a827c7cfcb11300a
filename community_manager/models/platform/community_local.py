"""What the connectors of this very Odoo read and write through: the records side of ``connectors/odoo_site.py``.

Connectors work in threads and know no records.  A desk is given to them: each of its methods works in a short
transaction of its own, for one company, and hands up plain dicts.  What is said carries the outbox's key in the
identifier of its message, so it is found again, and said once.
"""

import contextlib
from datetime import UTC

from odoo import SUPERUSER_ID, api
from odoo.exceptions import UserError
from odoo.tools import SQL, plaintext2html

from ...connectors import errors
from ...connectors.odoo_site import ANSWERER_LEFT, BUSY, DELETED, REFUSED
from .cursors import CONCURRENCY_ERRORS, INFRASTRUCTURE_ERRORS, thread_cursor

#: Things of one conversation that are given.
MOST_OF_A_THREAD = 500
#: Users that are offered to answer in their name.
MOST_PEOPLE = 200


class LocalDesk:
    """Reads and writes the things of one kind of place for one channel.

    :cvar dict models: ``{kind of list: name of the model}``
    """

    models = {}

    def __init__(self, channel, settings):
        """
        :param channel: one ``community.channel``
        :param dict settings: of its connector
        """
        self._caller = channel.env
        self._company_id = channel.company_id.id
        self._lang = channel.company_id.partner_id.lang or None
        self._settings = settings

    # --- for the connector ---

    def account(self):
        """Return as whom we speak."""
        with self._open() as env:
            company = env.company
            return {"id": f"company-{company.id}", "name": company.name, "url": company.get_base_url()}

    def choices(self, name):
        """Return what can be chosen for a setting."""
        with self._open() as env:
            if name != "answerer":
                return self._choices(env, name)
            users = env["res.users"].search(
                [("share", "=", False), ("company_ids", "in", env.company.ids)], order="name", limit=MOST_PEOPLE
            )
            return [(str(user.id), user.name) for user in users]

    def newest(self, kind, until, since, limit):
        """Return things of a kind, newest change first.

        Changes within one second are told apart by number, for a transaction may change thousands of things at once.

        :param until: ``(second, number)``: only what stands after it, or ``None``
        :param int since: none older, in seconds since 1970
        """
        with self._open() as env:
            model = env[self.models[kind]]
            query = model._search(self._domain(env, kind))
            changed = SQL("date_trunc('second', %s)", SQL.identifier(query.table, "write_date"))
            number = SQL.identifier(query.table, "id")
            if until:
                query.add_where(
                    SQL("(%s, %s) < (to_timestamp(%s) AT TIME ZONE 'UTC', %s)", changed, number, until[0], until[1])
                )
            if since:
                query.add_where(SQL("%s >= to_timestamp(%s) AT TIME ZONE 'UTC'", changed, since))
            query.order = SQL("%s DESC, %s DESC", changed, number)
            query.limit = limit
            return [self._thing(record) for record in model.browse(query.get_result_ids())]

    def thing(self, ref):
        """Return a thing, ``None`` when it is not there any more."""
        with self._open() as env:
            record = self._record(env, ref)
            return self._thing(record) if record else None

    def around(self, ref):
        """Return the conversation of a thing, oldest first; empty when the thing is not there any more."""
        with self._open() as env:
            record = self._record(env, ref)
            return [self._thing(one) for one in self._around(env, record)[:MOST_OF_A_THREAD]] if record else []

    def say(self, key, ref, text):
        """Answer a thing and return the answer; what was said with this key before is returned instead.

        :raises errors.Gone: the thing is not there any more
        """
        with self._open() as env:
            said = self._said(env, key)
            if not said:
                record = self._record(env, ref)
                if not record:
                    raise errors.Gone(DELETED)
                said = self._say(env, record, text, _message_id(key))
            return self._thing(said)

    def said(self, key):
        """Return what was said with a key, ``None`` when nothing was."""
        with self._open() as env:
            said = self._said(env, key)
            return self._thing(said) if said else None

    def moderate(self, action, ref):
        """Do one of the network's moderations to a thing; what is deleted already stays so.

        :raises errors.Gone: it is not there any more, so it can be neither hidden nor shown
        """
        with self._open() as env:
            record = self._record(env, ref)
            if record:
                self._moderate(record, action)
            elif action != "delete":
                raise errors.Gone(DELETED)

    # --- pieces ---

    @contextlib.contextmanager
    def _open(self):
        """Yield an environment of this desk's company, in a transaction of its own."""
        try:
            with thread_cursor(self._caller) as cr:
                context = {"allowed_company_ids": [self._company_id], "lang": self._lang}
                env = api.Environment(cr, SUPERUSER_ID, context)
                yield env
                env.flush_all()
        except UserError as problem:
            raise errors.Refused(REFUSED, params={"why": str(problem).rstrip(". ")}) from None
        except (*CONCURRENCY_ERRORS, *INFRASTRUCTURE_ERRORS) as problem:
            raise errors.Retriable(BUSY, type(problem).__name__) from None

    def _answerer(self, env):
        """Return the user who answers, an empty recordset for the company itself.

        :raises errors.Misconfigured: who was chosen is not there any more
        """
        chosen = str(self._settings.get("answerer") or "")
        users = env["res.users"]
        if not chosen:
            return users
        user = users.browse(int(chosen)).exists() if chosen.isdigit() else users
        if not user or not user.active or user.share or env.company not in user.company_ids:
            raise errors.Misconfigured(ANSWERER_LEFT)
        return user

    def _voice(self, env):
        """Return the partner whose name stands at answers."""
        return self._answerer(env).partner_id or env.company.partner_id

    def _choices(self, env, name):
        return []

    def _domain(self, env, kind, hidden=False):
        """Return the domain of what is read.

        :param bool hidden: also what is hidden for a while, which is not deleted
        """
        raise NotImplementedError

    def _record(self, env, ref):
        """Return the record of a reference, empty when it is not there any more."""
        prefix, _separator, number = ref.partition("-")
        kind = self._kind(prefix)
        if not kind or not number.isdigit():
            return None
        model = env[self.models[kind]]
        return model.search([*self._domain(env, kind, hidden=True), ("id", "=", int(number))], limit=1)

    def _kind(self, prefix):
        return {"message": "comments"}.get(prefix, "posts" if "posts" in self.models else "")

    def _around(self, env, record):
        raise NotImplementedError

    def _said(self, env, key):
        """Return the record that was made with a key."""
        message = env["mail.message"].search([("message_id", "=", _message_id(key))], limit=1)
        return message or None

    def _say(self, env, record, text, message_id):
        raise NotImplementedError

    def _thing(self, record):
        raise NotImplementedError

    # --- messages ---

    def _comment_domain(self, env, model, records, types=("comment",), hidden=False):
        """Return the domain of what everybody can read below some records."""
        return [
            *([] if hidden else [("is_internal", "=", False)]),
            ("model", "=", model),
            ("res_id", "in", records),
            ("message_type", "in", types),
            ("subtype_id.internal", "=", False),
            ("subtype_id", "!=", False),
            ("body", "not in", (False, "", "<p></p>", "<p><br></p>")),
        ]

    @staticmethod
    def _moderate_comment(message, action):
        """Hide, show or delete what somebody wrote below a record."""
        if action == "delete":
            thread = message.env[message.model].browse(message.res_id)
            thread._message_update_content(message, body="", attachment_ids=[], strict=False)
        else:
            message.is_internal = action == "hide"

    def _moderate(self, record, action):
        raise NotImplementedError

    def _post_comment(self, env, record, text, message_id, parent=None):
        """Write below a record, in the company's voice."""
        record = record.with_context(mail_post_autofollow_author_skip=True, mail_create_nosubscribe=True)
        answerer = self._answerer(env)
        if answerer:
            record = record.with_user(answerer).sudo()
        voice = self._voice(env)
        return record.message_post(
            body=plaintext2html(text), message_type="comment", subtype_xmlid="mail.mt_comment", author_id=voice.id,
            email_from=voice.email_formatted or env.company.email_formatted, message_id=message_id,
            parent_id=parent.id if parent else False,
        )  # fmt: skip

    def _message_thing(self, message, **more):
        changed = message.write_date
        edited = getattr(message, "edited", None)
        return {
            "ref": f"message-{message.id}",
            "number": message.id,
            "changed": _second(changed),
            "kind": "comment",
            "html": str(message.body or ""),
            "author": self._author(message),
            "made": _second(message.date),
            "edited": _second(changed) if edited else None,
            "ours": self._is_ours(message.author_id),
            **more,
        }

    def _author(self, message):
        """Return who wrote a message: a contact, a guest, or an address."""
        if message.author_id:
            return self._partner(message.author_id)
        if message.author_guest_id:
            guest = message.author_guest_id
            return {"id": f"guest-{guest.id}", "name": guest.name, "email": guest.email or ""}
        if message.email_from:
            return {"id": message.email_from, "name": message.email_from, "email": message.email_from}
        return None

    @staticmethod
    def _partner(partner):
        if not partner:
            return None
        return {"id": f"partner-{partner.id}", "name": partner.name, "email": partner.email_normalized or ""}

    def _is_ours(self, partner):
        """Return whether somebody speaks for the company: the company itself, or one of its people."""
        if not partner:
            return False
        return partner == partner.env.company.partner_id or bool(
            partner.with_context(active_test=False).user_ids.filtered(lambda user: not user.share)
        )

    @staticmethod
    def _websites(env, field):
        """Return the domain of what belongs to the company's websites, or to all."""
        own = env["website"].search([("company_id", "=", env.company.id)])
        return [(field, "in", [False, *own.ids])]


def _message_id(key):
    return f"<{key}@community-manager>"


def _second(moment):
    """Return naive UTC time in seconds since 1970."""
    return int(moment.replace(tzinfo=UTC).timestamp()) if moment else None
