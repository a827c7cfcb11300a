"""From what Hacker News and its search service give to items."""

from datetime import UTC, datetime
from zlib import crc32

from .items import AuthorItem, MentionItem, Reject
from .text import clean_line, html_to_text
from .values import count, identifier, moment_at, web_url

SITE = "https://news.ycombinator.com"
#: Deepest nesting that is followed; people do not answer deeper.
DEEPEST = 500


def hit_key(hit):
    """Return the key of a hit, empty when it has none."""
    if not isinstance(hit, dict):
        return ""
    second, hit_id = hit.get("created_at_i"), hit.get("objectID")
    if type(hit_id) is not str or not hit_id.isalnum() or len(hit_id) > 20:
        hit_id = identifier(hit_id)
    if type(second) is not int or not 0 < second < 10**11 or not hit_id:
        return ""
    return f"{second}.{hit_id}"  # as by_time.key_of, without a call: every hit is asked several times


def hit_mark(hit):
    """Return what changes when a hit is edited."""
    text = hit.get("comment_text") or hit.get("story_text")
    return format(crc32(f"{hit.get('title')}\0{text}".encode("utf-8", "surrogatepass")), "x")


class Reader:
    """Turns stories and comments into items.

    :ivar str me: our own user, or an empty string
    """

    def __init__(self, me=""):
        self.me = me
        self.now = datetime.now(UTC)

    @staticmethod
    def author(name):
        """Return the author of a thing."""
        return AuthorItem(external_id=name, name=name, handle=name, url=f"{SITE}/user?id={name}") if name else None

    def _item(self, item_id, author, second, *, text, title="", link="", parent="", story="", origin="search"):
        if not item_id:
            raise ValueError("no id")
        for value in (text, title):
            if value is not None and not isinstance(value, str):
                raise ValueError("text is not text")
        text = html_to_text(text) if text else ""
        link = web_url(link)
        if link and link not in text:
            text = f"{text}\n\n{link}" if text else link
        author = identifier(author)
        outgoing = bool(self.me) and author == self.me
        parent, story = identifier(parent), identifier(story)
        identifiers = {"id": item_id}
        if story:
            identifiers["story_id"] = story
        return MentionItem(
            external_id=item_id,
            kind="comment" if parent else "post",
            text=text,
            title=clean_line(title) if title else "",
            url=f"{SITE}/item?id={item_id}",
            author=self.author(author),
            published_at=moment_at(second, self.now),
            parent_id=parent,
            conversation_id=story or ("" if parent else item_id),
            origin="own" if outgoing else origin,
            outgoing=outgoing,
            identifiers=identifiers,
        )

    def hit(self, hit, origin="search"):
        """Return the item of a hit of the search.

        :raises ValueError: it cannot be read
        """
        comment = hit.get("comment_text")
        item = self._item(
            identifier(hit.get("objectID")),
            hit.get("author"),
            hit.get("created_at_i"),
            text=comment or hit.get("story_text"),
            title=None if comment else hit.get("title"),
            link="" if comment else hit.get("url"),
            parent=hit.get("parent_id"),
            story=hit.get("story_id"),
            origin=origin,
        )
        item.likes, item.replies = count(hit.get("points")), count(hit.get("num_comments"))
        return item

    def item(self, entry):
        """Return the item of a thing as Hacker News itself gives it.

        :raises ValueError: it cannot be read
        """
        item = self._item(
            identifier(entry.get("id")),
            entry.get("by"),
            entry.get("time"),
            text=entry.get("text"),
            title=entry.get("title"),
            link=entry.get("url"),
            parent=entry.get("parent"),
        )
        kids = entry.get("kids")
        item.likes = count(entry.get("score"))
        item.replies = count(entry.get("descendants")) or (len(kids) if isinstance(kids, list) else 0)
        return item

    def read(self, hits, origin):
        """Return ``(items, rejects)`` of hits."""
        items, rejects = [], []
        for hit in hits:
            try:
                items.append(self.hit(hit, origin))
            except (ValueError, TypeError, AttributeError) as problem:
                rejects.append(Reject(hit, f"{type(problem).__name__}: {problem}"[:300], identifier(hit["objectID"])))
        return items, rejects

    def thread(self, tree, item_id, most):
        """Return the items around one in the tree of a story, oldest first; none when it is not in it.

        :param dict tree: a story with its ``children``
        :param int most: how many at most
        """
        story = identifier(tree.get("id"))
        above, found = {}, None
        waiting = [(tree, None, 0)]
        while waiting and found is None:
            node, parent, depth = waiting.pop()
            if not isinstance(node, dict) or depth > DEEPEST:
                continue
            above[id(node)] = parent
            if identifier(node.get("id")) == item_id:
                found = node
            waiting += [(child, node, depth + 1) for child in _children(node)]
        if found is None:
            return []
        nodes, node = [], found
        while node is not None:
            nodes.append(node)
            node = above[id(node)]
        nodes.reverse()
        below = _children(found)
        while below and len(nodes) < most:
            nodes += [node for node in below if isinstance(node, dict)][: most - len(nodes)]
            below = [child for node in below if isinstance(node, dict) for child in _children(node)]
        items = {}
        for node in nodes:
            try:
                item = self._node(node, story)
            except (ValueError, TypeError, AttributeError):
                continue  # one unreadable comment does not hide the others; listening reports it
            items[item.external_id] = item
        return list(items.values())

    def _node(self, node, story):
        item = self._item(
            identifier(node.get("id")),
            node.get("author"),
            node.get("created_at_i"),
            text=node.get("text"),
            title=node.get("title"),
            link=node.get("url"),
            parent=node.get("parent_id"),
            story=story,
        )
        item.likes, item.replies = count(node.get("points")), len(_children(node))
        return item


def _children(node):
    children = node.get("children")
    return children if isinstance(children, list) else []
