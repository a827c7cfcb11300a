"""What we say and do on a wiki."""

from . import errors
from .base import Sentence, _
from .mediawiki_api import CONFLICT, NOT_TAKEN, TARGET_GONE, entries
from .mediawiki_items import (
    USER,
    added_lines,
    before_of,
    content_of,
    depth_of,
    heading_of,
    plain_heading,
    revision_of,
    section_of,
    wikitext,
)
from .saying import as_ours, as_sentence, folded, not_before
from .text import clean_line
from .values import moment

#: Our newest edits among which one is looked for.
LOOKED_THROUGH = 50
#: Tries to add to a page that others are editing.
TRIES = 3
SIGNED = " ~~~~"

NEEDS_TITLE = _("A section needs a heading.")
IN_THE_WAY = _("Later edits of that page stand in the way. Undo it by hand.")
NO_TALK = _("There is no talk page to answer on.")


class Writing:
    """The part of the connector that writes; beside it stand ``wiki`` and what is known of it."""

    @classmethod
    def length(cls, text):
        """See :meth:`Connector.length`: pages are measured in bytes."""
        return len(text.encode("utf-8", "replace"))

    @classmethod
    def objection(cls, outgoing, now=None):
        """See :meth:`Connector.objection`: a publication becomes a section, which has a heading."""
        if outgoing.way == "publish" and not outgoing.title.strip():
            return Sentence(NEEDS_TITLE)
        return super().objection(outgoing, now)

    # --- saying ---

    def reply(self, outgoing):
        """See :meth:`Connector.reply`: below a comment; what is said elsewhere is answered on its talk page."""
        self._know()
        target = outgoing.target
        entry = self._entry(target.external_id)
        if not _is_talk(entry):
            return self._new_section(self._talk_page(entry), clean_line(entry.get("title"), 200), outgoing.text)
        section = self._item(entry).identifiers["section"]
        said = self._said(entry)
        for again in range(TRIES):
            page = self._page(entry)
            text, line = _answered(page["text"], section, said, outgoing.text)
            summary = f"/* {section} */ {_excerpt(outgoing.text)}" if section else _excerpt(outgoing.text)
            try:
                done = self.wiki.act(
                    action="edit", pageid=page["id"], text=text, summary=summary, baserevid=page["revision"],
                    basetimestamp=page["timestamp"], starttimestamp=page["now"], nocreate=1, bot=1,
                )  # fmt: skip
            except errors.RateLimited as problem:
                if problem.template != CONFLICT or again == TRIES - 1:
                    raise
                continue
            return self._sent(done, entry, section, outgoing.text, line)
        raise AssertionError

    def publish(self, outgoing):
        """See :meth:`Connector.publish`: a section of the page for publications."""
        self._know()
        return self._new_section(self._publish_page(), clean_line(outgoing.title, 255), outgoing.text)

    def _publish_page(self):
        return (self.values.get("publish_page") or "").strip() or f"{self._space(USER)}:{self.wiki.name}"

    def _new_section(self, title, heading, text):
        shown = wikitext(text)
        done = self.wiki.act(
            action="edit", title=title, section="new", sectiontitle=wikitext(heading), text=shown + SIGNED, bot=1,
            summary=f"/* {heading} */ {_excerpt(text)}",
        )  # fmt: skip
        return self._sent(done, {"title": title}, heading, text, shown)

    def _talk_page(self, entry):
        """Return the title of the talk page of a page."""
        space = entry.get("ns")
        name = self._space(space + 1) if isinstance(space, int) and space >= 0 else ""
        title = clean_line(entry.get("title"), 255)
        if not name or not title:
            raise errors.Refused(NO_TALK)
        return f"{name}:{title.partition(':')[2] if space else title}"

    def _page(self, entry):
        """Return the page of a revision as it is now.

        :raises errors.Gone: it was deleted
        """
        ask = {"rvprop": "ids|timestamp|content", "rvslots": "main", "curtimestamp": 1}
        answer = self.wiki.query(prop="revisions", pageids=entry.get("pageid"), **ask)
        found = self._revisions(answer)
        if found and not isinstance(found[0], dict):
            raise self.wiki.malformed("page")
        text = content_of(found[0]) if found else None
        if text is None:
            raise errors.Gone(TARGET_GONE, "no such page")
        return {
            "id": entry.get("pageid"), "text": text, "revision": found[0].get("revid"),
            "timestamp": found[0].get("timestamp"), "now": answer.get("curtimestamp"),
        }  # fmt: skip

    def _said(self, entry):
        """Return the lines that a revision added."""
        texts = self._texts([entry])
        return added_lines(texts.get(before_of(entry), ""), texts.get(revision_of(entry), ""))

    def _sent(self, done, entry, section, text, line):
        """Return the item of an edit that was just made, from what the wiki said of it."""
        said = done.get("edit")
        said = said if isinstance(said, dict) else {}
        if said.get("result") == "Failure":
            # A captcha, or a rule of the wiki against it.
            why = said.get("info") or said.get("code") or said.get("warning") or "captcha"
            raise errors.Refused(
                NOT_TAKEN, "edit failed", params={"why": as_sentence(self.wiki.http.hide(clean_line(str(why), 300)))}
            )
        title = said.get("title")
        made = {
            "revid": said.get("newrevid"), "parentid": said.get("oldrevid"), "pageid": said.get("pageid"),
            "title": title if isinstance(title, str) else entry.get("title"), "timestamp": said.get("newtimestamp"),
            "user": self.wiki.name, "comment": f"/* {section} */" if section else "",
        }  # fmt: skip
        made |= {"ns": self._space_of(made["title"]), "userid": self.wiki.user_id}
        try:
            item = self._reader().item(made, line.split("\n"), "own")
        except ValueError as problem:
            detail = str(problem)
        else:
            return as_ours(item)
        raise self.wiki.malformed(detail)

    def _space_of(self, title):
        """Return the number of the namespace that a title begins with, 0 for none."""
        prefix, colon, _rest = title.partition(":") if isinstance(title, str) else ("", "", "")
        return self._site["spaces"].get(prefix, 0) if colon else 0

    def find_sent(self, outgoing):
        """See :meth:`Connector.find_sent`: among our own newest edits, by what they added."""
        self._know()
        since = not_before(outgoing)
        ask = {"ucuser": self.wiki.name, "uclimit": LOOKED_THROUGH, "ucprop": "ids|title|timestamp|comment"}
        if since:
            ask["ucend"] = since.strftime("%Y-%m-%dT%H:%M:%SZ")
        listed = entries(self.wiki.query(list="usercontribs", **ask), "query", "usercontribs")
        if listed is None:
            raise self.wiki.malformed("usercontribs")
        (title, wanted), found = self._place(outgoing), []
        for edit in listed:
            if not isinstance(edit, dict) or not revision_of(edit) or edit.get("title") != title:
                continue
            written, section = moment(edit.get("timestamp")), section_of(edit.get("comment"))[0]
            if written and (not since or written >= since) and (not wanted or section == wanted):
                found.append(edit)
        if not found:
            return None
        texts = self._texts(found)
        for edit in found:
            text = texts.get(revision_of(edit))
            lines = () if text is None else added_lines(texts.get(before_of(edit), ""), text)
            item = self._reader().item(edit, lines, "own")
            if folded(item.text) == folded(outgoing.text):
                return as_ours(item)
        return None

    def _place(self, outgoing):
        """Return the title of the page and the section where a message went; an empty section stands for any."""
        if outgoing.way == "publish":
            return self._as_listed(self._publish_page()), clean_line(outgoing.title, 255)
        entry = self._entry(outgoing.target.external_id)
        if _is_talk(entry):
            return entry.get("title"), outgoing.target.identifiers.get("section") or ""
        return self._talk_page(entry), clean_line(entry.get("title"), 200)

    def _as_listed(self, title):
        """Return a title as the wiki lists it: people write ``project:news_today`` for “Wikiname:News today”."""
        pages = entries(self.wiki.query(titles=title), "query", "pages")
        found = pages[0].get("title") if pages and isinstance(pages[0], dict) else None
        if not isinstance(found, str):
            raise self.wiki.malformed("title")
        return found

    # --- looking after pages ---

    def moderate(self, action, target, reason=""):
        """See :meth:`Connector.moderate`: an edit is taken back, which every user may do."""
        self._know()
        try:
            entry = self._entry(target.external_id)
            page = self._page(entry)
        except errors.Gone:
            return
        said, there = self._said(entry), {line.strip() for line in page["text"].split("\n")}
        if said and not any(line.strip() in there for line in said):
            # it was taken back already
            return
        why = {"summary" if before_of(entry) else "reason": clean_line(reason, 200)} if reason else {}
        if not before_of(entry):
            if page["revision"] != revision_of(entry):
                raise errors.Refused(IN_THE_WAY)
            # there is no page without its first edit
            self.wiki.act(action="delete", pageid=page["id"], **why)
            return
        try:
            self.wiki.act(action="edit", pageid=page["id"], undo=revision_of(entry), bot=1, **why)
        except errors.Refused as problem:
            if problem.detail != "undofailure":
                raise
            raise errors.Refused(IN_THE_WAY, problem.detail) from None


def _is_talk(entry):
    space = entry.get("ns")
    return type(space) is int and space % 2 == 1


def _excerpt(text):
    """Return the beginning of a text, for a summary."""
    text = clean_line(text, 200)
    return text if len(text) <= 80 else text[:79].rstrip() + "…"


def _answered(page, section, said, text):
    """Return a page with an answer below what was said, and the answer as it stands there.

    :param str page: the page as it is
    :param str section: heading of the section, empty for the beginning of the page
    :param list said: the lines that are answered
    :raises errors.Gone: the section is not there any more
    """
    lines = page.split("\n")
    start, end = _range_of(lines, section)
    wanted = {line.strip() for line in said if not heading_of(line)}
    places = [place for place in range(start, end) if lines[place].strip() in wanted]
    if places:
        place = places[-1]
        depth = depth_of(lines[place])
        after = place + 1
        # below the answers that are there already
        while after < end and depth_of(lines[after]) > depth:
            after += 1
    else:
        # what was said has been changed since: the answer goes to the end of the section
        depth, after = 0, end
        while after > start and not lines[after - 1].strip():
            after -= 1
    answer = wikitext(text, ":" * (depth + 1))
    return "\n".join([*lines[:after], answer + SIGNED, *lines[after:]]), answer


def _range_of(lines, section):
    """Return where the lines of a section begin and end."""
    start = 0
    if section:
        places = [place for place, line in enumerate(lines) if clean_line(plain_heading(line), 255) == section]
        if not places:
            raise errors.Gone(TARGET_GONE, "no such section")
        start = places[-1] + 1
    end = start
    while end < len(lines) and not heading_of(lines[end]):
        end += 1
    return start, end
