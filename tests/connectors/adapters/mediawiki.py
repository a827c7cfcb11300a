"""A wiki in memory.

Shapes and refusals are those of a MediaWiki 1.39 asked on loopback with ``formatversion=2``.
"""

import html
import json
import re
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlsplit

from connectors.items import Target

from .base import SECRET, START, Adapter, adapter

HOST = "wiki.example"
NAMES = {0: "", 1: "Talk", 2: "User", 3: "User talk", 4: "Project", 5: "Project talk"}
USERS = {"Desk": 7, "Ana": 8}
SESSION = "session=abcdef0123456789"


def signature(name, when):
    return f"[[User:{name}|{name}]] ([[User talk:{name}|talk]]) {when:%H:%M, %-d %B %Y} (UTC)"


@adapter("mediawiki")
class MediaWikiAdapter(Adapter):
    settings = {
        "url": f"https://{HOST}/wiki/Main_Page", "username": "Desk@odoo", "pages": "Talk:Kettle", "namespaces": "Talk",
        "searches": "teapot", "watchlist": True,
    }  # fmt: skip
    secrets = {"bot_password": SECRET}
    handle = "ana"

    def __init__(self):
        self.revisions = {}
        self.pages = {}
        self.requests = []
        self.refuse = {}
        self.private = False
        self._written = 0
        self._sent = []

    # --- what happens there ---

    def write(self, title, text, user="Ana", comment="", now=False):
        """Save a page with a new text and return the revision."""
        self._written += 1
        when = datetime.now(UTC) if now else START + timedelta(minutes=self._written)
        page = self.pages.setdefault(title, {"id": len(self.pages) + 1, "title": title, "revisions": []})
        number = self._written + 1000
        text = text.replace("~~~~", signature(user, when))
        self.revisions[number] = {
            "revid": number, "parentid": page["revisions"][-1] if page["revisions"] else 0, "minor": False,
            "user": user, "userid": USERS.get(user, 9), "timestamp": f"{when:%Y-%m-%dT%H:%M:%SZ}", "comment": comment,
            "text": text, "page": title,
        }  # fmt: skip
        page["revisions"].append(number)
        return self.revisions[number]

    def section(self, title, heading, text, user="Ana", now=False):
        """Add a section to a page."""
        old = self.text(title)
        new = f"{old}\n\n== {heading} ==\n\n{text}".strip()
        return self.write(title, new, user, f"/* {heading} */ {text[:40]}", now)

    def text(self, title):
        page = self.pages.get(title)
        return self.revisions[page["revisions"][-1]]["text"] if page else ""

    def publish(self, number):
        found = []
        for _turn in range(number):
            turn = self._written
            if turn % 4 == 0:
                made = self.section("User talk:Desk", f"Question {turn}", f"where is it {turn}? ~~~~")
            elif turn % 4 == 1:
                made = self.section("Talk:Kettle", f"Leak {turn}", f"it leaks {turn} ~~~~")
            elif turn % 4 == 2:
                made = self.section(f"Talk:Page {turn}", f"Note {turn}", f"a note {turn} ~~~~")
            else:
                made = self.write(f"Page {turn}", f"A teapot for {turn}.")
            found.append(str(made["revid"]))
        return found

    def target(self):
        self.publish(4)
        talk = [one for one in self.revisions.values() if one["page"] == "User talk:Desk" and one["user"] == "Ana"]
        return Target(str(talk[-1]["revid"]), HOST, "comment", identifiers={"section": self._section(talk[-1])})

    def moderated(self, action):
        self.write("Page X", "fine")
        return Target(str(self.write("Page X", "fine\nbuy pills")["revid"]), HOST, "article")

    def sent(self):
        return list(self._sent)

    def remove(self, external_id):
        title = self.revisions.pop(int(external_id))["page"]
        del self.pages[title]

    @staticmethod
    def _section(revision):
        found = re.search(r"/\*\s*(.*?)\s*\*/", revision["comment"])
        return found.group(1) if found else ""

    # --- what it answers ---

    def answer(self, request):
        parts = urlsplit(request.url)
        if parts.path != "/w/api.php":
            page = f'<html><head><link rel="EditURI" type="application/rsd+xml" href="//{HOST}/w/api.php?action=rsd"/>'
            return 200, {"Content-Type": "text/html"}, page.encode()
        sent = parts.query or (request.body.decode() if isinstance(request.body, bytes) else request.body or "")
        ask = {name: values[-1] for name, values in parse_qs(sent, keep_blank_values=True).items()}
        self.requests.append((request.method, ask))
        ask["logged"] = SESSION in (request.headers.get("Cookie") or "")
        for word, error in self.refuse.items():
            if word in (ask.get("action"), ask.get("list"), ask.get("prop"), ask.get("meta")):
                return self._json({"error": error if isinstance(error, dict) else {"code": error, "info": "No."}})
        if self.private and not ask["logged"] and ask.get("meta") != "tokens" and ask["action"] == "query":
            return self._json({"error": {"code": "readapidenied", "info": "You need read permission."}})
        return getattr(self, "_" + ask["action"])(ask)

    def _login(self, ask):
        if ask["lgpassword"] != SECRET or ask["lgtoken"] != "login+\\":
            return self._json({"login": {"result": "Failed", "reason": "Incorrect username or password entered."}})
        cookie = (
            f"{SESSION}; path=/; secure; HttpOnly, wikiUserName=Desk; expires=Tue, 22-Dec-2026 05:00:00 GMT; path=/"
        )
        said = {"result": "Success", "lguserid": USERS["Desk"], "lgusername": "Desk"}
        return self._json({"login": said}, {"Set-Cookie": cookie})

    def _query(self, ask):
        if ask.get("meta") == "tokens":
            token = {"login": "login+\\", "csrf": "secretcsrf+\\"}[ask["type"]]
            headers = {"Set-Cookie": "wiki_session=pre0123456; path=/; HttpOnly"}
            return self._json({"batchcomplete": True, "query": {"tokens": {ask["type"] + "token": token}}}, headers)
        if ask.get("meta") == "siteinfo":
            spaces = {str(number): {"id": number, "name": name, "canonical": name} for number, name in NAMES.items()}
            general = {
                "sitename": "Tea", "generator": "MediaWiki 1.39.17", "server": "//" + HOST, "articlepath": "/wiki/$1",
                "script": "/w/index.php", "case": "first-letter",
            }  # fmt: skip
            return self._json({"batchcomplete": True, "query": {"general": general, "namespaces": spaces}})
        if "list" in ask:
            return getattr(self, "_list_" + ask["list"])(ask)
        return self._pages(ask)

    def _pages(self, ask):
        contents = "content" in ask.get("rvprop", "")
        if "revids" in ask:
            wanted = [int(one) for one in ask["revids"].split("|")]
            known = [self.revisions[one] for one in wanted if one in self.revisions]
            bad = {str(one): {"revid": one, "missing": True} for one in wanted if one not in self.revisions}
        elif "generator" in ask:
            newest = [self.revisions[page["revisions"][-1]] for page in self.pages.values()]
            known = [one for one in newest if ask["gsrsearch"] in one["text"]][-int(ask["gsrlimit"]) :]
            bad = {}
        else:
            pages = [one for one in self.pages.values() if ask.get("pageids", "") == str(one["id"])]
            page = self.pages.get(self._normal(ask["titles"])) if "titles" in ask else (pages or [None])[0]
            numbers = page["revisions"][::-1] if page else []
            known, bad = [self.revisions[one] for one in numbers], {}
            if not page:
                missing = {"ns": 3, "title": self._normal(ask.get("titles", "?")), "missing": True}
                return self._json({"batchcomplete": True, "query": {"pages": [missing]}})
        more, limit = {}, int(ask.get("rvlimit", 0) or (1 if "pageids" in ask else 500))
        if "rvcontinue" in ask:
            known = [one for one in known if one["revid"] <= int(ask["rvcontinue"].partition("|")[2])]
        if len(known) > limit and "rvlimit" in ask:
            more = {"continue": {"rvcontinue": f"20250301|{known[limit]['revid']}", "continue": "||"}}
        pages = {}
        for one in known[:limit]:
            about = pages.setdefault(one["page"], {**self._about(one["page"]), "revisions": []})
            shown = {name: value for name, value in one.items() if name not in ("text", "page")}
            if contents:
                shown["slots"] = {
                    "main": {"contentmodel": "wikitext", "contentformat": "text/x-wiki", "content": one["text"]}
                }
            about["revisions"].append(shown)
        query = {"pages": list(pages.values())} if pages else {}
        if bad:
            query["badrevids"] = bad
        now = f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}"
        return self._json({"batchcomplete": True, "curtimestamp": now, **more, **({"query": query} if query else {})})

    @staticmethod
    def _normal(title):
        """Return a title as the wiki writes it, whatever way it was asked for."""
        first, colon, rest = title.replace("_", " ").strip().partition(":")
        space = next((name for name in NAMES.values() if colon and name and name.casefold() == first.casefold()), "")
        name = rest if space else first + colon + rest
        return f"{space}:" * bool(space) + name[:1].upper() + name[1:]

    def _about(self, title):
        prefix = title.partition(":")[0] if ":" in title else ""
        space = next(number for number, name in NAMES.items() if name == prefix)
        return {"pageid": self.pages[title]["id"], "ns": space, "title": title}

    def _list(self, name, short, found, ask):
        found = sorted(found, key=lambda one: -one["revid"])
        if short + "continue" in ask:
            found = [one for one in found if one["revid"] <= int(ask[short + "continue"])]
        limit, more = int(ask[short + "limit"]), {}
        if len(found) > limit:
            more = {"continue": {short + "continue": str(found[limit]["revid"]), "continue": "-||"}}
        shown = [
            {
                "type": "edit", **self._about(one["page"]), "revid": one["revid"], "old_revid": one["parentid"],
                "parentid": one["parentid"], "user": one["user"], "userid": one["userid"], "bot": False,
                "timestamp": one["timestamp"], "comment": one["comment"],
            }
            for one in found[:limit]
        ]  # fmt: skip
        return self._json({"batchcomplete": True, **more, "query": {name: shown}})

    def _list_recentchanges(self, ask):
        prefix = NAMES[int(ask["rcnamespace"])] + ":"
        found = [one for one in self.revisions.values() if one["page"].startswith(prefix)]
        return self._list("recentchanges", "rc", found, ask)

    def _list_watchlist(self, ask):
        if not ask["logged"]:
            return self._json({"error": {"code": "notloggedin", "info": "You must be logged in."}})
        found = [one for one in self.revisions.values() if one["page"].startswith("Page ")]
        return self._list("watchlist", "wl", found, ask)

    def _list_usercontribs(self, ask):
        found = [one for one in self.revisions.values() if one["user"] == ask["ucuser"]]
        if "ucend" in ask:
            found = [one for one in found if one["timestamp"] >= ask["ucend"]]
        return self._list("usercontribs", "uc", found, ask)

    def _list_users(self, ask):
        name = ask["ususers"][:1].upper() + ask["ususers"][1:]
        user = (
            {"userid": USERS[name], "name": name, "groups": ["*", "user"]}
            if name in USERS
            else {"name": name, "missing": True}
        )
        return self._json({"batchcomplete": True, "query": {"users": [user]}})

    def _edit(self, ask):
        if not ask["logged"]:
            return self._json({"error": {"code": "assertuserfailed", "info": "You are no longer logged in."}})
        if ask["token"] != "secretcsrf+\\":
            return self._json({"error": {"code": "badtoken", "info": "Invalid CSRF token."}})
        if "pageid" in ask:
            title = next((one["title"] for one in self.pages.values() if str(one["id"]) == ask["pageid"]), None)
            if not title:
                return self._json({"error": {"code": "nosuchpageid", "info": "There is no page with that ID."}})
        else:
            title = self._normal(ask["title"])
        if "undo" in ask:
            text = self.revisions[self.revisions[int(ask["undo"])]["parentid"]]["text"]
            made = self.write(title, text, "Desk", now=True)
        elif ask.get("section") == "new":
            made = self.section(title, html.unescape(ask["sectiontitle"]), ask["text"], "Desk", now=True)
            self._sent.append((str(made["revid"]), html.unescape(ask["text"])))
        else:
            old = self.revisions[self.pages[title]["revisions"][-1]]
            if str(old["revid"]) != ask["baserevid"]:
                return self._json({"error": {"code": "editconflict", "info": "Edit conflict: $1"}})
            added = [line for line in ask["text"].split("\n") if line not in old["text"].split("\n")]
            made = self.write(title, ask["text"], "Desk", ask["summary"], now=True)
            self._sent.append((str(made["revid"]), html.unescape("\n".join(added))))
        if self.lose_answer:
            self.lose_answer = False
            return 500, {}, b""
        said = {"result": "Success", **self._about(title), "contentmodel": "wikitext", "oldrevid": made["parentid"]}
        return self._json({"edit": {**said, "newrevid": made["revid"], "newtimestamp": made["timestamp"]}})

    @staticmethod
    def _json(value, headers=None):
        return 200, {"Content-Type": "application/json; charset=utf-8", **(headers or {})}, json.dumps(value).encode()
