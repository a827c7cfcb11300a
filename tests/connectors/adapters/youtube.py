"""YouTube in memory.

Built from the discovery document ``youtube.v3`` in the PyPI package google-api-python-client 2.202.0 (Apache-2.0), the
error reasons of developers.google.com/youtube/v3/docs/errors and the notification of its guide to push notifications.
"""

import hashlib
import hmac
import json
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, unquote, urlsplit
from xml.sax.saxutils import escape

from connectors.items import Target

from .base import SECRET, START, Adapter, adapter

ME = "UCacmeacmeacmeacmeacmeac"
ANA = "UCanaanaanaanaanaanaanaa"
UPLOADS = "UU" + ME[2:]


def stamp(moment):
    """Return a time as YouTube writes it."""
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def refusal(status, reason):
    """Return an error answer of the Data API."""
    body = {"error": {"code": status, "message": "No.", "errors": [{"domain": "youtube", "reason": reason}]}}
    return status, {"Content-Type": "application/json"}, json.dumps(body).encode()


@adapter("youtube")
class YouTubeAdapter(Adapter):
    settings = {"client_id": "1.apps.googleusercontent.com", "held": True}
    secrets = {
        "access_token": SECRET,
        "refresh_token": "r" + SECRET,
        "client_secret": "c" + SECRET,
        "hub_secret": "h" + SECRET,
    }
    handle = "@ana"

    def __init__(self):
        self.comments = {}
        self.videos = []
        self.found = {}
        self.log = []
        self.requests = []
        self.along = 5
        self.clock = START

    # --- what the suites do ---

    def publish(self, number):
        ids = []
        for turn in range(number):
            self.clock += timedelta(seconds=1)
            if turn % 4 == 2:
                threads = [one for one in self.comments.values() if not one["parent"]]
                ids.append(self.comment(f"Reply {turn}", parent=threads[-1]["id"]))
            elif turn % 4 == 3:
                ids.append(self.video(f"Video {turn}"))
            else:
                ids.append(self.comment(f"Comment {turn}", state="heldForReview" if turn % 8 == 5 else "published"))
        return ids

    def comment(self, text, author=ANA, parent="", state="published", at=None):
        """Write a comment and return its id."""
        own = f"Ugx{len(self.comments):06d}"
        comment_id = f"{parent}.{own}" if parent else own
        self.comments[comment_id] = {
            "id": comment_id,
            "parent": parent,
            "text": text,
            "author": author,
            "state": state,
            "at": at or self.clock,
            "edited": None,
        }
        return comment_id

    def video(self, title, channel=ME):
        """Upload a video and return its id."""
        video = f"vid-{len(self.videos):07d}"
        self.videos.append({"id": video, "title": title, "text": "About it", "channel": channel, "at": self.clock})
        return video

    def target(self):
        comment = [one for one in self.comments.values() if one["author"] == ANA and not one["parent"]][-1]
        return Target(
            comment["id"],
            kind="comment",
            text=comment["text"],
            author_id=ANA,
            published_at=comment["at"],
            conversation_id=comment["id"],
            identifiers={"thread": comment["id"], "video": "vid-x", "channel": ME},
        )

    def sent(self):
        return list(self.log)

    def edit(self):
        comment = [one for one in self.comments.values() if not one["parent"]][-1]
        comment["text"], comment["edited"] = "Better now", comment["at"] + timedelta(seconds=5)
        return comment["id"], comment["text"]

    def remove(self, external_id):
        self.comments.pop(external_id, None)

    def push(self, content, now):
        body = content if isinstance(content, bytes) else self.feed(content)
        signature = hmac.new(self.secrets["hub_secret"].encode(), body, hashlib.sha1).hexdigest()
        return {"x-hub-signature": "sha1=" + signature}, body

    def message(self, number):
        ids = [f"pushed-{turn:04d}" for turn in range(number)]
        return ids, ids

    @staticmethod
    def feed(ids, title="A & B", entries="", published="2025-03-06T21:40:57+00:00"):
        """Return the notification of the guide."""
        for video in ids:
            entries += (
                f"<entry><id>yt:video:{video}</id><yt:videoId>{video}</yt:videoId><yt:channelId>{ME}</yt:channelId>"
                f'<title>{escape(title)}</title><link rel="alternate" href="http://www.youtube.com/watch?v={video}"/>'
                f"<author><name>Acme</name><uri>http://www.youtube.com/channel/{ME}</uri></author>"
                f"<published>{published}</published>"
                "<updated>2025-03-09T19:05:24.552394234+00:00</updated></entry>"
            )
        return (
            '<feed xmlns:yt="http://www.youtube.com/xml/schemas/2015" xmlns="http://www.w3.org/2005/Atom" '
            'xmlns:at="http://purl.org/atompub/tombstones/1.0">'
            '<link rel="hub" href="https://pubsubhubbub.appspot.com"/><title>YouTube video feed</title>'
            f"<updated>2025-04-01T19:05:24.552394234+00:00</updated>{entries}</feed>"
        ).encode()

    # --- the network ---

    def answer(self, request):
        parts = urlsplit(request.url)
        self.requests.append((request.method, request.url, request.body))
        if parts.netloc == "pubsubhubbub.appspot.com":
            return 202, {}, b""
        if request.headers.get("Authorization") != f"Bearer {SECRET}":
            return refusal(401, "authError")
        query = {name: values[-1] for name, values in parse_qs(parts.query).items()}
        path = unquote(parts.path).removeprefix("/youtube/v3/")
        found = self.route(request, path, query)
        if request.method == "POST" and self.lose_answer:
            self.lose_answer = False
            return 500, {}, b""
        return found if isinstance(found, tuple) else (200, {}, json.dumps(found).encode())

    def route(self, request, path, query):
        if request.method == "POST" and path in ("comments", "commentThreads"):
            return self.take(path, json.loads(request.body)["snippet"])
        if path == "comments/setModerationStatus":
            comment = self.comments.get(query["id"])
            if comment is None:
                return refusal(404, "commentNotFound")
            comment["state"] = query["moderationStatus"]
            return 204, {}, b""
        if request.method == "DELETE":
            return (204, {}, b"") if self.comments.pop(query["id"], None) else refusal(404, "commentNotFound")
        return getattr(self, "list_" + path)(query)

    def take(self, path, snippet):
        now = datetime.now(UTC).replace(microsecond=0)
        if path == "comments":
            parent = snippet["parentId"]
            if parent not in self.comments:
                return refusal(404, "parentCommentNotFound")
            text = snippet["textOriginal"]
            made = self.comment(text, ME, parent, at=now)
            self.log.append((made, text))
            return self.resource(self.comments[made])
        text = snippet["topLevelComment"]["snippet"]["textOriginal"]
        made = self.comment(text, ME, at=now)
        self.log.append((made, text))
        return self.thread(self.comments[made])

    @staticmethod
    def page(kind, entries, query, token="pageToken"):
        start, size = int(query.get(token, 0)), int(query.get("maxResults", 20))
        answer = {"kind": f"youtube#{kind}ListResponse", "etag": "x", "items": entries[start : start + size]}
        answer["pageInfo"] = {"totalResults": len(entries), "resultsPerPage": size}
        return answer | ({"nextPageToken": str(start + size)} if start + size < len(entries) else {})

    def list_channels(self, query):
        if query.get("forHandle", "@ana") != "@ana" or query.get("id", ANA) != ANA:
            return {"kind": "youtube#channelListResponse", "pageInfo": {"totalResults": 0}}
        mine = query.get("mine") == "true"
        snippet = {"title": "Acme" if mine else "Ana", "customUrl": "@acme" if mine else "@ana"}
        snippet["thumbnails"] = {"default": {"url": "https://yt3.ggpht.com/x"}}
        figures = {"viewCount": "1000", "subscriberCount": "250", "hiddenSubscriberCount": False, "videoCount": "12"}
        channel = {"id": ME if mine else ANA, "snippet": snippet, "statistics": figures}
        channel["contentDetails"] = {"relatedPlaylists": {"likes": "", "uploads": UPLOADS}}
        return self.page("channel", [channel], query)

    def list_commentThreads(self, query):
        state = query.get("moderationStatus", "published")
        tops = [one for one in self.comments.values() if not one["parent"] and one["state"] == state]
        tops.sort(key=lambda one: one["at"], reverse=True)
        return self.page("commentThread", [self.thread(one) for one in tops], query)

    def thread(self, top):
        replies = [one for one in self.comments.values() if one["parent"] == top["id"] and one["state"] == "published"]
        shown = [self.resource(one) for one in replies[-self.along :]]
        snippet = {"channelId": ME, "videoId": "vid-x", "topLevelComment": self.resource(top), "canReply": True}
        snippet |= {"totalReplyCount": len(replies), "isPublic": True}
        thread = {"kind": "youtube#commentThread", "id": top["id"], "snippet": snippet}
        return thread | ({"replies": {"comments": shown}} if shown else {})

    def list_comments(self, query):
        if "id" in query:
            wanted = query["id"].split(",")
            return self.page(
                "comment", [self.resource(one) for one in self.comments.values() if one["id"] in wanted], {}
            )
        if query["parentId"] not in self.comments:
            return refusal(404, "commentNotFound")
        replies = [one for one in self.comments.values() if one["parent"] == query["parentId"]]
        return self.page("comment", [self.resource(one) for one in replies[::-1]], query)

    @staticmethod
    def resource(comment):
        me = comment["author"] == ME
        snippet = {
            "channelId": ME,
            "videoId": "vid-x",
            "textDisplay": comment["text"],
            "textOriginal": comment["text"],
            "authorDisplayName": "@acme" if me else "@ana",
            "authorProfileImageUrl": "https://yt3.ggpht.com/x",
            "authorChannelUrl": f"http://www.youtube.com/channel/{comment['author']}",
            "authorChannelId": {"value": comment["author"]},
            "canRate": True,
            "viewerRating": "none",
            "likeCount": 3,
            "publishedAt": stamp(comment["at"]),
            "updatedAt": stamp(comment["edited"] or comment["at"]),
            "moderationStatus": comment["state"],
        }
        if comment["parent"]:
            snippet["parentId"] = comment["parent"]
        return {"kind": "youtube#comment", "etag": "x", "id": comment["id"], "snippet": snippet}

    def list_playlistItems(self, query):
        if query["playlistId"] != UPLOADS or not self.videos:
            return refusal(404, "playlistNotFound")
        entries = [
            {
                "kind": "youtube#playlistItem",
                "id": "item-" + video["id"],
                "snippet": self.video_snippet(video)
                | {
                    "videoOwnerChannelId": ME,
                    "videoOwnerChannelTitle": "Acme",
                    "resourceId": {"kind": "youtube#video", "videoId": video["id"]},
                },
                "contentDetails": {"videoId": video["id"], "videoPublishedAt": stamp(video["at"])},
            }
            for video in self.videos[::-1]
        ]
        return self.page("playlistItem", entries, query)

    @staticmethod
    def video_snippet(video):
        return {
            "publishedAt": stamp(video["at"]),
            "channelId": video["channel"],
            "channelTitle": "Acme",
            "title": video["title"],
            "description": video["text"],
            "thumbnails": {"high": {"url": "https://i.ytimg.com/vi/x/hqdefault.jpg", "width": 480, "height": 360}},
        }

    def list_videos(self, query):
        wanted = query["id"].split(",")
        figures = {"viewCount": "90", "likeCount": "9", "favoriteCount": "0", "commentCount": "4"}
        entries = [
            {"kind": "youtube#video", "id": video["id"], "snippet": self.video_snippet(video), "statistics": figures}
            for video in self.videos
            if video["id"] in wanted
        ]
        return self.page("video", entries, {})

    def list_search(self, query):
        entries = [
            {"kind": "youtube#searchResult", "id": {"videoId": video["id"]}, "snippet": self.video_snippet(video)}
            for video in self.found.get(query["q"], ())
        ]
        return self.page("search", entries, query)
