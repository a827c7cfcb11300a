"""The words of a mention that are somebody's own."""


def words_of(row):
    """Return the text of a mention that is analysed: with its title, except where the site has made that.

    :param row: record, or dict of values, with ``title``, ``text`` and ``kind``
    """
    title, text = row["title"] or "", row["text"] or ""
    if row["kind"] == "comment":  # its title repeats what is commented on
        return text or title
    return f"{title}\n{text}" if title and text else title or text
