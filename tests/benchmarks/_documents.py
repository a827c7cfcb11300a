"""What networks send with every thing and the networks in memory leave out, because no connector looks at it.

Written after the published documentation of each API, of what it answers to the very requests that the connectors
make: Algolia's Hacker News search, WordPress REST, Reddit's listings, Trustpilot's service reviews, Bluesky's lexicons
(``app.bsky.actor.defs``, ``app.bsky.feed.defs``), Stack Exchange's types (question, answer, comment, inbox-item and the
site in it), Discourse's ``GET /t/{id}.json`` and ``GET /notifications.json``, NodeBB's ``GET /api/notifications``,
``DeviceMetadata`` of Google Play's reviews, the entities of posts on X, the client events of Matrix.  Where a request
names the fields it wants (Facebook, Instagram, Threads) there is nothing to complete.  A page without
these fields is parsed quicker than any real one.  Not compared with a document again: the notifications of Discourse,
what a viewer sees of posts on Bluesky, the entities on X, ``m.mentions`` of Matrix, details of Stack Exchange's sites.
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

_BLUESKY_AUTHOR = {
    "associated": {
        "chat": {"allowIncoming": "following"},
    },
    "viewer": {"muted": False, "blockedBy": False},
    "labels": (),
    "createdAt": "2023-07-01T09:00:00.000Z",
}
_BLUESKY_POST = {
    "author": _BLUESKY_AUTHOR,
    "bookmarkCount": 0,
    "viewer": {"bookmarked": False, "threadMuted": False, "embeddingDisabled": False},
}
_BLUESKY_NOTIFICATION = {
    "author": {**_BLUESKY_AUTHOR, "description": PROSE, "indexedAt": "2025-01-12T09:00:00.000Z"},
    "labels": (),
}
_STACK_SITE = {
    "aliases": ["https://www.stackoverflow.com", "https://facebook.stackoverflow.com"],
    "styling": {"tag_background_color": "#E0EAF1", "tag_foreground_color": "#3E6D8E", "link_color": "#0077CC"},
    "related_sites": [
        {
            "relation": "meta",
            "api_site_parameter": "meta.stackoverflow",
            "site_url": "https://meta.stackoverflow.com",
            "name": "Meta Stack Overflow",
        },
        {"relation": "chat", "site_url": "https://chat.stackoverflow.com", "name": "Chat Stack Exchange"},
    ],
    "markdown_extensions": ["Prettify"],
    "launch_date": 1221436800,
    "open_beta_date": 1217462400,
    "site_state": "normal",
    "high_resolution_icon_url": "https://cdn.sstatic.net/Sites/stackoverflow/Img/apple-touch-icon@2.png",
    "favicon_url": "https://cdn.sstatic.net/Sites/stackoverflow/Img/favicon.ico",
    "icon_url": "https://cdn.sstatic.net/Sites/stackoverflow/Img/apple-touch-icon.png",
    "audience": "professional and enthusiast programmers",
    "site_url": "https://stackoverflow.com",
    "api_site_parameter": "stackoverflow",
    "logo_url": "https://cdn.sstatic.net/Sites/stackoverflow/Img/logo.png",
    "name": "Stack Overflow",
    "site_type": "main_site",
}
_STACK_THINGS = {
    "item_type": {"site": _STACK_SITE},
    "comment_id": {"edited": False},
    "answer_id": {"is_accepted": False, "last_activity_date": 1740816005},
    "question_id": {"is_answered": False},
}
_DISCOURSE_POST = {
    **dict.fromkeys(
        "primary_group_name flair_name flair_url flair_bg_color flair_color user_title edit_reason".split()
    ),
    **dict.fromkeys(
        "can_edit can_delete can_recover can_see_hidden_post can_wiki bookmarked staff can_view_edit_history "
        "wiki".split(),
        False,
    ),
    "read": True,
    "score": 15.4,
    "incoming_link_count": 1,
    "readers_count": 2,
    "display_username": "Ana",
    "link_counts": (),
    "reviewable_id": 0,
    "reviewable_score_count": 0,
    "reviewable_score_pending_count": 0,
}
_DISCOURSE_TOPIC = {
    **dict.fromkeys(
        "featured_link pinned_at pinned_until deleted_at deleted_by image_url slow_mode_enabled_until draft".split()
    ),
    **dict.fromkeys(
        "closed archived has_summary pinned_globally pinned unpinned bookmarked has_deleted "
        "show_read_indicator".split(),
        False,
    ),
    "fancy_title": "A topic",
    "posts_count": 1,
    "created_at": "2025-03-01T08:22:00.000Z",
    "views": 12,
    "reply_count": 0,
    "like_count": 4,
    "last_posted_at": "2025-03-01T08:22:00.000Z",
    "visible": True,
    "category_id": 4,
    "word_count": 38,
    "user_id": 6,
    "highest_post_number": 1,
    "draft_key": "topic_521",
    "draft_sequence": 0,
    "slow_mode_seconds": 0,
    "current_post_number": 1,
    "chunk_size": 20,
    "tags": (),
    "tags_descriptions": {},
    "bookmarks": (),
    "message_bus_last_id": 0,
    "timeline_lookup": ((1, 3),),
    "actions_summary": [{"id": number, "count": 0, "hidden": False, "can_act": True} for number in (4, 8, 10, 7)],
    "details": {
        "can_edit": False,
        "notification_level": 1,
        "can_create_post": True,
        "can_reply_as_new_topic": True,
        "can_flag_topic": True,
        "participants": [
            {
                "id": 6,
                "username": "ana",
                "name": "Ana",
                "avatar_template": "/user_avatar/forum.example/ana/{size}/3_2.png",
                "post_count": 1,
                "primary_group_name": None,
                "flair_name": None,
                "flair_url": None,
                "flair_color": None,
                "flair_bg_color": None,
                "flair_group_id": None,
                "admin": False,
                "moderator": False,
                "trust_level": 1,
            }
        ],
        "created_by": {
            "id": 6,
            "username": "ana",
            "name": "Ana",
            "avatar_template": "/user_avatar/forum.example/ana/{size}/3_2.png",
        },
        "last_poster": {
            "id": 6,
            "username": "ana",
            "name": "Ana",
            "avatar_template": "/user_avatar/forum.example/ana/{size}/3_2.png",
        },
    },
}
_DISCOURSE_NOTIFICATION = {
    "high_priority": False,
    "fancy_title": "A topic",
    "data": {
        "original_post_type": 1,
        "display_username": "ana",
        "revision_number": None,
    },
}
_NODEBB_NOTIFICATION = {
    "importance": 5,
    "datetimeISO": "2025-03-01T12:18:00.000Z",
    "image": "/a.png",
    "readClass": "unread",
}
_GOOGLE_PLAY = {
    "deviceMetadata": {
        "deviceClass": "FORM_FACTOR_PHONE",
        "screenWidthPx": 1080,
        "screenHeightPx": 2340,
        "nativePlatform": "arm64-v8a,armeabi-v7a,armeabi",
        "screenDensityDpi": 420,
        "glEsVersion": 196610,
        "cpuModel": "SM8250",
        "cpuMake": "Qualcomm",
    }
}
_X_POST = {"entities": {"mentions": [{"start": 0, "end": 13, "username": "XDevelopers", "id": "2244994945"}]}}
_MATRIX_EVENT = {"room_id": "!boots:matrix.example", "content": {"m.mentions": {}}}


def _of_stack(thing):
    return next((missing for name, missing in _STACK_THINGS.items() if name in thing), {})


def _of_discourse(answer):
    return _DISCOURSE_TOPIC if "post_stream" in answer else {}


def _of_wordpress(thing):
    return _WORDPRESS_COMMENT if "parent" in thing else _WORDPRESS_POST


def _of_x(thing):
    return _X_POST if str(thing.get("text", "")).startswith("@XDevelopers") else {}


#: Where the things of an answer are, and what each of them is completed with: its fields, or a function
#: from the thing to them.  "*" is every entry of a list or
#: value of an object.
MISSING = {
    "bluesky": [
        (("feed", "*", "post"), _BLUESKY_POST),
        (("posts", "*"), _BLUESKY_POST),
        (("notifications", "*"), _BLUESKY_NOTIFICATION),
    ],
    "discourse": [
        ((), _of_discourse),
        (("notifications", "*"), _DISCOURSE_NOTIFICATION),
        (("post_stream", "posts", "*"), _DISCOURSE_POST),
        (("latest_posts", "*"), _DISCOURSE_POST),
    ],
    "google_play": [(("reviews", "*", "comments", "*", "userComment"), _GOOGLE_PLAY)],
    "hackernews": [(("hits", "*"), _HACKER_NEWS)],
    "matrix": [
        (("chunk", "*"), _MATRIX_EVENT),
        (("rooms", "join", "*", "timeline", "events", "*"), {"content": _MATRIX_EVENT["content"]}),
    ],
    "nodebb": [(("notifications", "*"), _NODEBB_NOTIFICATION)],
    "reddit": [(("data", "children", "*", "data"), _REDDIT)],
    "stackexchange": [(("items", "*"), _of_stack)],
    "trustpilot": [(("reviews", "*"), _TRUSTPILOT)],
    "wordpress": [(("*",), _of_wordpress)],
    "x": [(("data", "*"), _of_x)],
}


def _places(document, path):
    """Yield the objects that a path leads to."""
    if not path:
        if isinstance(document, dict):
            yield document
    elif path[0] == "*":
        for one in document.values() if isinstance(document, dict) else document if isinstance(document, list) else ():
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
            _complete(thing, missing(thing) if callable(missing) else missing)
