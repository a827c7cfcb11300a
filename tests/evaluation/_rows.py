"""Tab-separated files as the evaluations take them: one text a line, nothing quoted, header optional."""


def read(path, names):
    """The rows of a file and its columns.

    :param path: UTF-8 file; empty lines are skipped
    :param names: set of the names that a header of this kind of file may have
    :return: (rows as lists of equally many str, {name in lower case: column}); the second is empty without a header
    """
    lines = path.read_text(encoding="utf-8-sig", errors="surrogateescape").split("\n")
    rows = [line.rstrip("\r").split("\t") for line in lines if line.strip()]
    width = max(map(len, rows), default=0)
    rows = [row + [""] * (width - len(row)) for row in rows]
    header = [cell.strip().lower() for cell in rows[0]] if rows else []
    if width > 1 and any(cell in names for cell in header) and all(len(cell) < 40 for cell in header):
        return rows[1:], {name: column for column, name in enumerate(header) if name}
    return rows, {}
