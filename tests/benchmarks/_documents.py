"""What networks send with every thing and the networks in memory leave out, because no connector looks at it.

Written after the published documentation of each API (Algolia's Hacker News search, WordPress REST, Reddit's listings,
Trustpilot's service reviews); a page without these fields is parsed quicker than any real one.
"""

PROSE = (
    "The parcel came a week late and the box was torn, but the boots are fine and the people on the phone were kind; "
    "would buy again if the delivery gets better, thanks for asking."
)


def _highlight(text):
    return {"fullyHighlighted": False, "matchLevel": "none", "matchedWords": [], "value": text}


_HACKER_NEWS = {
    "updated_at": "2025-03-01T09:12:44Z",
    "story_title": "A title of a story that people talk about",
    "story_url": "https://news.example/2025/03/a-title-of-a-story",
    "children": [38000201, 38000214, 38000220, 38000256],
    "_highlightResult": {
        "author": _highlight("ana"),
        "title": _highlight("A title of a story that people talk about"),
        "url": _highlight("https://news.example/2025/03/a-title-of-a-story"),
        "story_text": _highlight(PROSE),
        "comment_text": _highlight(PROSE),
        "story_title": _highlight("A title of a story that people talk about"),
        "story_url": _highlight("https://news.example/2025/03/a-title-of-a-story"),
    },
}


def _hrefs(*names):
    return {name: [{"embeddable": True, "href": f"https://blog.example/wp-json/wp/v2/{name}/228"}] for name in names}


_WORDPRESS_POST = {
    "featured_media": 0,
    "ping_status": "open",
    "sticky": False,
    "template": "",
    "format": "standard",
    "meta": {"footnotes": ""},
    "categories": [1, 4],
    "tags": [7, 9],
    "excerpt": {"rendered": f"<p>{PROSE}</p>\n", "protected": False},
    "_links": {
        **_hrefs("self", "collection", "about", "author", "replies", "predecessor-version", "wp:attachment"),
        "version-history": [{"count": 2, "href": "https://blog.example/wp-json/wp/v2/posts/228/revisions"}],
        "wp:term": [
            {
                "taxonomy": "category",
                "embeddable": True,
                "href": "https://blog.example/wp-json/wp/v2/categories?post=228",
            },
            {"taxonomy": "post_tag", "embeddable": True, "href": "https://blog.example/wp-json/wp/v2/tags?post=228"},
        ],
        "curies": [{"name": "wp", "href": "https://api.w.org/{rel}", "templated": True}],
    },
}
_WORDPRESS_COMMENT = {
    "author_user_agent": "",
    "author_avatar_urls": {
        size: f"https://secure.gravatar.com/avatar/0a1b2c?s={size}&d=mm&r=g" for size in ("24", "48")
    },
    "meta": [],
    "_links": _hrefs("self", "collection", "up", "in-reply-to", "children"),
}
_REDDIT = {
    **dict.fromkeys(
        "approved_at_utc mod_reason_title link_flair_richtext removed_by_category thumbnail_height top_awarded_type "
        "author_flair_background_color wls banned_at_utc view_count mod_note content_categories media secure_media "
        "category media_only author_flair_text_color removed_by num_reports distinguished mod_reason_by "
        "discussion_type url_overridden_by_dest comment_type collapsed_reason associated_award unrepliable_reason "
        "author_cakeday rte_mode".split()
    ),
    **dict.fromkeys(
        "no_follow is_original_content is_reddit_media_domain is_meta can_mod_post send_replies contest_mode spoiler "
        "treat_as_html allow_live_comments is_crosspostable author_premium is_robot_indexable author_is_blocked "
        "visited is_video is_created_from_ads_ui pinned quarantine author_patreon_flair link_flair_hide "
        "can_gild score_hidden is_submitter collapsed collapsed_because_crowd_control".split(),
        False,
    ),
    **dict.fromkeys("all_awardings awarders treatment_tags gildings mod_reports author_flair_richtext".split(), ()),
    "media_embed": {},
    "secure_media_embed": {},
    "total_awards_received": 0,
    "upvote_ratio": 0.91,
    "subreddit_type": "public",
    "subreddit_name_prefixed": "r/boots",
    "subreddit_subscribers": 120331,
    "link_flair_text_color": "dark",
    "link_flair_type": "text",
    "author_flair_type": "text",
    "author_fullname": "t2_4b1tfm",
    "parent_whitelist_status": "all_ads",
    "whitelist_status": "all_ads",
    "pwls": 6,
    "num_crossposts": 0,
    "thumbnail": "self",
    "controversiality": 0,
    "depth": 0,
}
_TRUSTPILOT = {
    "links": [
        {"href": f"https://api.trustpilot.com/v1/reviews/507f191e810c19729de80001/{name}", "method": "GET", "rel": name}
        for name in ("reviews", "web-links", "likes")
    ],
    "consumer": {"links": [{"href": "https://api.trustpilot.com/v1/consumers/1", "method": "GET", "rel": "consumers"}]},
    "businessUnit": {
        "links": [{"href": "https://api.trustpilot.com/v1/business-units/1", "method": "GET", "rel": "business-units"}]
    },
    "location": {"id": "43f51215-a1fc-4c60-b6dd-e4afb6d7b831", "name": "Sevilla", "urlFormattedName": "Sevilla"},
    "experiencedAt": "2025-02-20T08:00:00.000Z",
    "countsTowardsTrustScore": True,
    "countsTowardsLocationTrustScore": True,
    "reviewVerificationLevel": "verified",
    "referralEmail": "buyer@mail.example",
    "referenceId": "order-4711",
    "source": "InvitationApi",
    "invitation": {"businessUnitId": "507f191e810c19729de860ea"},
    "reportData": None,
    "locationDetails": None,
}

#: Where the things of an answer are, and what each of them is completed with.  "*" is every entry of a list.
MISSING = {
    "hackernews": [(("hits", "*"), _HACKER_NEWS)],
    "reddit": [(("data", "children", "*", "data"), _REDDIT)],
    "trustpilot": [(("reviews", "*"), _TRUSTPILOT)],
    "wordpress": [(("*",), {"post": _WORDPRESS_POST, "comment": _WORDPRESS_COMMENT})],
}


def _places(document, path):
    """Yield the objects that a path leads to."""
    if not path:
        if isinstance(document, dict):
            yield document
    elif path[0] == "*":
        for one in document if isinstance(document, list) else ():
            yield from _places(one, path[1:])
    elif isinstance(document, dict) and path[0] in document:
        yield from _places(document[path[0]], path[1:])


def _complete(thing, missing):
    """Add what is missing; what is there stays."""
    for name, value in missing.items():
        if isinstance(value, dict) and isinstance(thing.get(name), dict):
            _complete(thing[name], value)
        else:
            thing.setdefault(name, value)


def complete(code, document):
    """Complete an answer of a network in place."""
    for path, missing in MISSING.get(code, ()):
        for thing in _places(document, path):
            _complete(thing, missing.get("comment" if "parent" in thing else "post", missing))
