"""Rows of the database as arrays, and back.

Figures of a hundred thousand people and a million ties go through PostgreSQL's binary COPY: as rows of Python values
they took ten times as long to fetch as to reckon with.  Only columns of fixed width and without NULL can be passed.
Format: https://www.postgresql.org/docs/current/sql-copy.html, "Binary Format".
"""

import io

from odoo.tools import SQL

from ...analysis.later import numpy as np

#: the signature, no flags, no extension
_HEADER = b"PGCOPY\n\xff\r\n\x00" + bytes(8)
_END = b"\xff\xff"
_KINDS = {"int": (">i4", 4), "float": (">f8", 8), "bool": ("?", 1)}
#: the types of PostgreSQL
TYPES = {"int": "integer", "float": "float8", "bool": "boolean"}


def _row(columns):
    """Return the layout of one row: how many columns, then the length and the value of each."""
    layout = [("_count", ">i2")]
    for name, kind in columns.items():
        layout += [(f"_{name}", ">i4"), (name, _KINDS[kind][0])]
    return np.dtype(layout)


def fetch(cr, query, columns):
    """Return ``{column: array}`` of a query.

    :param cr: cursor
    :param SQL query: its columns have exactly the types of ``columns`` (:data:`TYPES`), in their order, none is NULL
    :param dict columns: ``{name: "int", "float" or "bool"}``
    :raises ValueError: a value was NULL or of another width
    """
    target = io.BytesIO()
    statement = cr.mogrify(query.code, query.params).decode()
    cr.copy_expert(f"COPY ({statement}) TO STDOUT (FORMAT binary)", target)
    data = target.getbuffer()
    layout = _row(columns)
    rows, rest = divmod(len(data) - len(_HEADER) - len(_END), layout.itemsize)
    if rest:
        raise ValueError("a column of the query is NULL or not as wide as was said")
    found = np.frombuffer(data, dtype=layout, count=rows, offset=len(_HEADER))
    if rows and (found["_count"] != len(columns)).any():
        raise ValueError("a column of the query is NULL or not as wide as was said")
    native = {"int": np.int64, "float": np.float64, "bool": bool}
    return {name: found[name].astype(native[kind]) for name, kind in columns.items()}


def send(cr, table, columns, arrays):
    """Make a temporary table, gone at the end of the transaction, of arrays.

    :param cr: cursor
    :param str table: name
    :param dict columns: ``{name: "int", "float" or "bool"}``
    :param dict arrays: ``{name: array}``, all of one length
    """
    layout = _row(columns)
    rows = np.zeros(len(next(iter(arrays.values()))), dtype=layout)
    rows["_count"] = len(columns)
    for name, kind in columns.items():
        rows[f"_{name}"] = _KINDS[kind][1]
        rows[name] = arrays[name]
    described = SQL(", ").join(SQL("%s %s", SQL.identifier(name), SQL(TYPES[kind])) for name, kind in columns.items())
    cr.execute(SQL("DROP TABLE IF EXISTS %s", SQL.identifier(table)))
    cr.execute(SQL("CREATE TEMPORARY TABLE %s (%s) ON COMMIT DROP", SQL.identifier(table), described))
    cr.copy_expert(f'COPY "{table}" FROM STDIN (FORMAT binary)', io.BytesIO(_HEADER + rows.tobytes() + _END))
