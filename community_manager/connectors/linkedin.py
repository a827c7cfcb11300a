"""LinkedIn pages, through the Community Management API.

Proved on published descriptions only, never on the live service: the reference of learn.microsoft.com ("Community
Management", versions up to July 2026).
"""

from . import errors
from .base import Connector, Setting, _
from .items import AuthorItem, Check, Counts, Figures
from .linkedin_api import VERSION, LinkedinApi, id_of, modified, part, unreadable
from .linkedin_items import Reader, urn
from .linkedin_push import LinkedinPush
from .linkedin_sending import LinkedinSending
from .oauth import Authorization
from .registry import register
from .text import clean_line
from .values import count, identifier
from .walk import SAMPLE, Walks, oldest_first

#: What people said; likes are left out.
ACTIONS = "List(COMMENT,COMMENT_EDIT,COMMENT_DELETE,ADMIN_COMMENT,SHARE,SHARE_MENTION)"
IDS = 50
#: Longest comment and longest post, in characters (learn.microsoft.com, "Comments API", "Posts API").
COMMENT_LIMIT = 1250
PUBLISH_LIMIT = 3000

CAN_TOLD = _("Read comments on our posts, and posts that name us")
CAN_POSTS = _("Read our own posts")
NO_PAGE = _("Authorise first, then choose the page.")


@register
class Linkedin(LinkedinPush, LinkedinSending, LinkedinApi, Walks, Connector):
    """Comments on the posts of one page, and posts that name it.

    LinkedIn gives programs no access to a page's private messages.
    """

    code = "linkedin"
    label = _("LinkedIn page")
    description = _("A LinkedIn page: comments on its posts, and posts that name it.")
    kind = "social"
    scope = "horizontal"
    capabilities = frozenset(
        ("listen", "thread", "lookup", "reply", "publish", "metrics", "moderate", "profile", "push")
    )
    text_limit = COMMENT_LIMIT
    publish_limit = PUBLISH_LIMIT
    settle_seconds = 60
    moderations = frozenset({"delete"})
    poll_seconds = (600, 7200)
    #: Access lasts 60 days; approved applications also get a refresh token, which lasts a year.
    authorization = Authorization(
        authorize_url="https://www.linkedin.com/oauth/v2/authorization",
        token_url="https://www.linkedin.com/oauth/v2/accessToken",
        scopes=("r_organization_social", "w_organization_social", "rw_organization_admin"),
        pkce=False,
    )
    renew_seconds = 7 * 86400
    guide = _(
        "Open linkedin.com/developers and create an application for the page.\n"
        "Under “Products”, ask for the Community Management API; LinkedIn reviews the request.\n"
        "Under “Auth”, enter the redirect address that is shown here, and copy the client ID and the client secret.\n"
        "Authorise with an administrator of the page, and choose the page. Access lasts 60 days; LinkedIn lets "
        "approved applications renew it, others have to be authorised again.\n"
        "To be told at once, enter the address for deliveries under “Webhooks”, where LinkedIn has approved that."
    )
    settings = (
        Setting("client_id", _("Client ID"), _("Of the application, under “Auth”."), required=True),
        Setting(
            "client_secret", _("Client secret"), _("Of the application, under “Auth”."), required=True, secret=True
        ),
        Setting("access_token", _("Access token"), _("Granted by authorising."), secret=True, granted=True),
        Setting("refresh_token", _("Refresh token"), _("Renews the access."), secret=True, granted=True),
        Setting("page_id", _("Page"), _("The page to look after."), kind="choice"),
        Setting(
            "api_version",
            _("Version of the API"),
            _("Year and month. LinkedIn ends a version about a year after it came out; leave it unless told to."),
            default=VERSION,
        ),
        Setting(
            "application_id",
            _("Number of the application"),
            _("From its address in the developer portal; only needed for push."),
        ),
    )

    def __init__(self, http, settings, secrets=None):
        super().__init__(http, settings, secrets)
        self._page_name = ""

    def page(self):
        """Return the URN of our page.

        :raises errors.Misconfigured: none was chosen
        """
        number = identifier(self.values.get("page_id"))
        if not number.isdigit():
            raise errors.Misconfigured(NO_PAGE)
        return f"urn:li:organization:{number}"

    def page_name(self):
        """Return the name of our page."""
        if not self._page_name:
            found = self.get(f"organizations/{self.page().rpartition(':')[2]}")
            name = clean_line(str(found.get("localizedName") or ""), 200)
            if str(found.get("id")) != self.page().rpartition(":")[2] or not name:
                raise unreadable("organization")
            self._page_name = name
        return self._page_name

    def _reader(self, name=""):
        return Reader(self.page(), name or self.page_name())

    def _roles(self):
        """Return the roles of the person who authorised, on the pages they administer."""
        query = {"q": "roleAssignee", "role": "ADMINISTRATOR", "state": "APPROVED", "count": 100}
        listed = self.get("organizationAcls", query, "FINDER").get("elements")
        if not isinstance(listed, list):
            raise unreadable("organizationAcls")
        return [one for one in listed if isinstance(one, dict) and urn(one.get("organization"))]

    def choices(self):
        """See :meth:`Connector.choices`."""
        numbers = list(dict.fromkeys(one["organization"].rpartition(":")[2] for one in self._roles()))
        if not numbers:
            return {"page_id": []}
        results = self.get("organizationsLookup", {"ids": f"List({','.join(numbers)})"}).get("results")
        names = results if isinstance(results, dict) else {}
        found = []
        for number in numbers:
            told = names.get(number)
            name = clean_line(str(told.get("localizedName") or ""), 200) if isinstance(told, dict) else ""
            found.append((number, name or number))
        return {"page_id": found}

    # --- listening ---

    def _told_query(self):
        return {"q": "criteria", "actions": ACTIONS, "organizationalEntity": part(self.page())}

    def walks(self, states, kept):
        """See :meth:`Walks.walks`."""
        name = kept.get("name")
        kept["name"] = name if isinstance(name, str) and name else self.page_name()
        self._kept_reader = self._reader(kept["name"])
        yield (
            "told",
            self.list_walk(
                "organizationalEntityNotifications",
                self._told_query(),
                _told_id,
                modified,
                states.get("told"),
                "FINDER",
            ),
        )
        query = {"q": "author", "author": part(self.page()), "sortBy": "LAST_MODIFIED"}
        yield "posts", self.list_walk("posts", query, id_of, modified, states.get("posts"), "FINDER")

    def read(self, name, entries):
        """See :meth:`Walks.read`."""
        items, rejects = self._kept_reader.read("notification" if name == "told" else "post", entries)
        # of several notifications about one comment, the last one tells how it is
        return list({item.external_id: item for item in items}.values()), rejects

    def check(self):
        """See :meth:`Connector.check`."""
        self._page_name = ""
        found = Check(account=self.page_name(), account_id=self.page())
        reader = self._reader()

        def some(kind, path, query, key):
            answer = self.get(path, {**query, "count": SAMPLE}, "FINDER")
            return reader.read(kind, self.page_of(answer, key)[0])

        told, posts = "organizationalEntityNotifications", {"q": "author", "author": part(self.page())}
        lists = (
            (CAN_TOLD, lambda: some("notification", told, self._told_query(), _told_id)),
            (CAN_POSTS, lambda: some("post", "posts", posts, id_of)),
        )
        self.try_lists(found, lists)
        found.ok = CAN_TOLD in found.can
        found.sample = list({item.external_id: item for item in found.sample if not item.deleted}.values())[:SAMPLE]
        return found

    # --- single things ---

    def _one(self, item_id, identifiers):
        """Return the item of one post or comment as it is now."""
        on = urn(identifiers.get("object"))
        path = f"socialActions/{part(on)}/comments/{part(item_id)}" if on else f"posts/{part(item_id)}"
        try:
            thing = self.get(path)
        except errors.Misconfigured as problem:
            if problem.status not in (404, 410):
                raise
            # A host that says 404 to everything is not LinkedIn any more.
            self._page_name = ""
            self.page_name()
            raise errors.Gone(self.gone, problem.detail, problem.status) from None
        if identifier(thing.get("id")) != item_id:
            raise unreadable("another thing")
        items, rejects = self._reader().read("comment" if on else "post", [thing], identifiers.get("post") or "")
        if rejects:
            raise unreadable(rejects[0].error)
        return items[0]

    def lookup(self, item_id, identifiers):
        """See :meth:`Connector.lookup`."""
        return self._one(item_id, identifiers)

    def thread(self, item_id, identifiers):
        """See :meth:`Connector.thread`: the post and its first comments."""
        item = self._one(item_id, identifiers)
        found = {item.external_id: item}
        post = urn(identifiers.get("post"))
        if post:
            try:
                root = self._one(post, {})
                found[root.external_id] = root
            except (errors.Gone, errors.AccessDenied):
                pass  # a post of others: the comments are shown all the same
        on = urn(identifiers.get("object")) or item_id
        answer = self.get(f"socialActions/{part(on)}/comments", {"start": 0, "count": 100})
        for one in self._reader().read("comment", self.page_of(answer, id_of)[0], post or item.conversation_id)[0]:
            found.setdefault(one.external_id, one)
        return oldest_first(found.values())

    def metrics(self, things):
        """See :meth:`Connector.metrics`."""
        size = self.get(f"networkSizes/{part(self.page())}", {"edgeType": "COMPANY_FOLLOWED_BY_MEMBER"})
        found = Figures(followers=_number(size.get("firstDegreeSize")))
        posts = [urn(one) for one, kept in things if kept.get("type") == "post" and urn(one)]
        for name, kind in (("shares", "urn:li:share:"), ("ugcPosts", "urn:li:ugcPost:")):
            ids = [one for one in posts if one.startswith(kind)]
            for start in range(0, len(ids), IDS):
                chosen = ",".join(part(one) for one in ids[start : start + IDS])
                query = {
                    "q": "organizationalEntity",
                    "organizationalEntity": part(self.page()),
                    name: f"List({chosen})",
                }
                listed = self.get("organizationalEntityShareStatistics", query, "FINDER").get("elements")
                for one in listed if isinstance(listed, list) else ():
                    told = one.get("totalShareStatistics") if isinstance(one, dict) else None
                    about = urn(one.get("share")) or urn(one.get("ugcPost")) if isinstance(told, dict) else ""
                    if about in ids:
                        found.items[about] = Counts(
                            views=_number(told.get("impressionCount")),
                            likes=_number(told.get("likeCount")),
                            shares=_number(told.get("shareCount")),
                            replies=_number(told.get("commentCount")),
                            clicks=_number(told.get("clickCount")),
                        )
        comments = {kept["urn"]: one for one, kept in things if kept.get("type") == "comment" and kept.get("urn")}
        ids = list(comments)
        for start in range(0, len(ids), IDS):
            chosen = ",".join(part(one) for one in ids[start : start + IDS])
            results = self.get("socialMetadata", {"ids": f"List({chosen})"}).get("results")
            for name, told in results.items() if isinstance(results, dict) else ():
                if name in comments and isinstance(told, dict):
                    found.items[comments[name]] = _metadata(told)
        return found

    def profile(self, handle):
        """See :meth:`Connector.profile`: pages only, people cannot be looked up."""
        name = handle.strip().rstrip("/").rpartition("/")[2].lstrip("@").lower()
        if not name or len(name) > 100 or not name.replace("-", "").replace("_", "").isalnum():
            return None
        answer = self.get("organizations", {"q": "vanityName", "vanityName": part(name)}, "FINDER")
        listed = answer.get("elements")
        if not isinstance(listed, list):
            raise unreadable("organizations")
        for one in listed[:5]:
            number = identifier(one.get("id")) if isinstance(one, dict) else ""
            if number.isdigit():
                label = clean_line(str(one.get("localizedName") or ""), 200) or name
                url = f"https://www.linkedin.com/company/{number}/"
                return AuthorItem(f"urn:li:organization:{number}", name=label, handle=f"@{name}", url=url)
        return None


def _told_id(told):
    return identifier(told.get("notificationId"))


def _number(value):
    return count(value) if isinstance(value, (int, float)) and not isinstance(value, bool) else None


def _metadata(told):
    """Return the figures of a comment."""
    reactions, comments = told.get("reactionSummaries"), told.get("commentSummary")
    likes = None
    if isinstance(reactions, dict):
        likes = count(sum(count(one.get("count")) for one in list(reactions.values())[:50] if isinstance(one, dict)))
    return Counts(likes=likes, replies=_number(comments.get("count")) if isinstance(comments, dict) else None)
