from datetime import UTC, datetime, timedelta

from odoo.tools import SQL

from odoo.addons.community_manager.connectors.items import AuthorItem

from .common import item
from .handoff_common import HandoffCase

#: words that stand nowhere else; each leads to one person
NAME = "Quillma Vorhaxt"
HANDLE = "qvorhaxt"
EMAIL = "qv.zzyx@vorhaxt.example"
RARE = "zyxquorra"
IDENTIFIER = "idqv77815"
WORDS = ("vorhaxt", "quillma", HANDLE, EMAIL, RARE, IDENTIFIER)
TEXT = f"Acme, my {RARE} lamp burns since Monday and I want my money back"


class PersonCase(HandoffCase):
    """A person with a contact, a profile and whatever else a test gives them."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.person = cls.env["res.partner"].create(
            {"name": NAME, "email": EMAIL, "phone": "+34 600 112 233", "street": f"Calle {RARE} 1"}
        )
        cls.numbers = iter(range(10**6))

    @classmethod
    def theirs(cls, text=TEXT, moment=None, handle=HANDLE, origin="own", channel=None, **values):
        """Let the person say something; return its mention."""
        number = next(cls.numbers)
        author = AuthorItem(
            external_id=values.pop("author_id", IDENTIFIER),
            name=values.pop("name", NAME),
            handle=f"@{handle}",
            url=f"https://toy.example/@{handle}",
            email=values.pop("email", EMAIL),
        )
        moment = moment or datetime.now(UTC) - timedelta(hours=1)
        said = item(f"{IDENTIFIER}-{number}", text, author, published_at=moment, origin=origin, **values)
        said.url = f"https://toy.example/@{handle}/{number}"
        return cls.take(said, channel=channel or cls.desk)

    def find_words(self, words=WORDS, allowed=()):
        """Return where in the whole database some words stand.

        :param words: lower case
        :param allowed: ``table.column`` that need not be looked at
        :returns: sorted list of "table.column: word"
        """
        self.env.flush_all()
        self.env.cr.execute(
            "SELECT c.table_name, c.column_name, c.data_type FROM information_schema.columns c"
            " JOIN information_schema.tables t USING (table_schema, table_name)"
            " WHERE c.table_schema = 'public' AND t.table_type = 'BASE TABLE' AND c.data_type IN"
            " ('text', 'character varying', 'character', 'json', 'jsonb', 'tsvector', 'ARRAY', 'bytea')"
        )
        columns = {}
        for table, column, kind in self.env.cr.fetchall():
            if f"{table}.{column}" not in allowed:
                columns.setdefault(table, []).append((column, kind))
        found = set()
        for table, names in sorted(columns.items()):
            parts = []
            for column, kind in names:
                text = SQL("encode(%s, 'escape')" if kind == "bytea" else "%s::text", SQL.identifier(column))
                for word in words:
                    parts.append(SQL("bool_or(lower(%s) LIKE %s)", text, f"%{word}%"))
            self.env.cr.execute(SQL("SELECT %s FROM %s", SQL(", ").join(parts), SQL.identifier(table)))
            hits = iter(self.env.cr.fetchone())
            found |= {f"{table}.{column}: {word}" for column, _kind in names for word in words if next(hits)}
        return sorted(found)
