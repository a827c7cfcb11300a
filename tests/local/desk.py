"""A desk that listens to invented posts."""

from . import posts

#: A moment long past, at which channels were due.
DUE = "2026-01-01 00:00:00"


def make_topics(env):
    """Fifty topics with twenty of the thousand keywords each; every post is about at least one."""
    each = posts.KEYWORDS // posts.TOPICS
    return env["community.topic"].create(
        [
            {
                "name": f"Topic {number}",
                "keyword_ids": [(0, 0, {"name": word}) for word in posts.NAMES[number * each :][:each]],
            }
            for number in range(posts.TOPICS)
        ]
    )


def make_channels(env, url, tags):
    """A channel for each hashtag of a server with the Mastodon API, listening."""
    env["ir.config_parameter"].set_param("community_manager.allowed_hosts", "127.0.0.1")
    channels = env["community.channel"].create([{"name": tag, "network": "mastodon"} for tag in tags])
    for channel, tag in zip(channels, tags, strict=True):
        channel._set_access({"server": url, "hashtags": tag})
    channels.action_start()
    return channels


def make_due(env):
    """Let all channels be asked at once."""
    env["community.channel"].search([]).write({"next_poll_at": DUE})
