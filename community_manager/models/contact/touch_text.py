"""What a touch keeps of what was said."""

#: characters of it
LONGEST = 200


def clean(text):
    """Return the beginning of a text as the database takes it, or None."""
    return (text or "")[:LONGEST].replace("\x00", "").encode("utf-8", "replace").decode() or None
