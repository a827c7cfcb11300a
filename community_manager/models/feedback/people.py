"""Who stands behind mentions: profiles of one contact are one person."""


class Voters:
    """The people who wrote some mentions.

    Without an author nobody knows who it was, so each such mention stands for somebody of their own.
    """

    def __init__(self, mentions):
        """:param mentions: ``community.mention`` records"""
        #: key of the person → their mentions, the newest first
        self.people = {}
        for mention in mentions.sorted(lambda one: (one.published_at, one.id), reverse=True):
            key = person_of(mention)
            self.people[key] = self.people.get(key, mentions.browse()) | mention

    def people_of(self, told):
        """Return the keys of those of them who are among some authors and contacts, or wrote some mentions.

        :param told: (authors, contacts, mentions)
        """
        authors, partners, mentions = told
        return {
            key
            for key, theirs in self.people.items()
            if theirs.author_id & authors or theirs.author_id.partner_id & partners or theirs & mentions
        }


def person_of(mention):
    """Return what names the person who wrote a mention.

    :param mention: one ``community.mention``
    """
    author = mention.author_id
    if author.partner_id:
        return f"contact {author.partner_id.id}"
    return f"author {author.id}" if author else f"mention {mention.id}"
