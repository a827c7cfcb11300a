"""Invented Mastodon posts, the same every time: what the API gives, in the shape in which it gives it.

A post is made from its number alone, so a hundred thousand of them need no memory and two processes agree about them.
"""

import random
import re
from datetime import UTC, datetime, timedelta

HOST = "social.example"
AUTHORS = 8_000
TOPICS, KEYWORDS = 50, 1_000
BEGIN = datetime(2026, 1, 5, 6, tzinfo=UTC)
#: Seconds between two posts.
PACE = 6
#: Identifiers hold the time of the post, as Mastodon makes them: milliseconds above sixteen other bits.
FIRST_ID, STEP = int(BEGIN.timestamp() * 1000) << 16, (PACE * 1000) << 16
#: A post answers one of this many posts before it.
THREAD_REACH = 60
WORDS = {
    "es": re.findall(
        r"\w+",
        "el la de que y en un una los las por con para del al lo como más pero sus le ya este sí porque esta entre "
        "cuando muy sin sobre también me hasta hay donde quien desde todo nos durante todos uno les ni contra otros "
        "ese eso ante pedido tienda atención cliente producto llegó gracias roto nuevo precio ayuda teléfono envío "
        "tarde semana montaña camión mañana corazón canción reunión años",
    ),
    "en": re.findall(
        r"\w+",
        "the of and to in is you that it he was for on are as with his they at be this have from or one had by word "
        "but not what all were we when your can said there use an each which she do how their if will up other about "
        "out many order shop support customer product arrived thanks broken new price help phone delivery late week",
    ),
}
SYLLABLES = "ba ce di fo gu la me ni po ru sa te vi xo zu tra blo cre ón ér".split(" ")
TAGS = "noticias tecnología compras ayuda coffee music travel food madrid sevilla opensource review".split(" ")
EMOJI = "😂 ❤️ 👍🏽 🎉 😡 🤔".split(" ")


def keywords():
    """A thousand invented names: one word, or two in every fourth."""
    rng = random.Random(1)

    def name():
        return "".join(rng.choice(SYLLABLES) for _ in range(rng.randint(3, 4)))

    names = {}
    while len(names) < KEYWORDS:
        names[name() if len(names) % 4 else f"{name()} {name()}"] = None
    return list(names)


NAMES = keywords()


def post_id(number):
    """Identifier of a post, growing with its number."""
    return str(FIRST_ID + number * STEP)


def post_number(identifier):
    """Number of the first post whose identifier is not below this one."""
    return max(0, -(-(int(identifier) - FIRST_ID) // STEP))


def author_of(number):
    """Number of a post's author: a few write much, many write once."""
    rng = random.Random(number * 2 + 1)
    return int(AUTHORS * rng.random() ** 1.5)


def parent_of(number):
    """Number of the post that a post answers, or None: every third is an answer."""
    rng = random.Random(number * 2)
    return number - rng.randint(1, min(THREAD_REACH, number)) if number and rng.random() < 1 / 3 else None


def account(number, host=HOST):
    """An account as the API describes it."""
    rng = random.Random(-number - 1)
    username = f"{rng.choice(SYLLABLES[:18])}{rng.choice(SYLLABLES[:18])}{number}"
    home = host if number % 3 else f"node{number % 200}.example"
    acct = username if home == host else f"{username}@{home}"
    return {
        "id": str(109_000_000_000_000_000 + number),
        "username": username,
        "acct": acct,
        "display_name": f"{username.title()} {rng.choice(EMOJI)}" if number % 5 == 0 else username.title(),
        "locked": False,
        "bot": number % 97 == 0,
        "discoverable": True,
        "group": False,
        "created_at": "2023-04-01T00:00:00.000Z",
        "note": "<p>Invented for a measurement.</p>",
        "url": f"https://{home}/@{username}",
        "uri": f"https://{home}/users/{username}",
        "avatar": f"https://files.{home}/avatars/{number}.png",
        "avatar_static": f"https://files.{home}/avatars/{number}.png",
        "header": f"https://{home}/headers/missing.png",
        "header_static": f"https://{home}/headers/missing.png",
        "followers_count": int(10 ** (rng.random() * 5)),
        "following_count": rng.randint(10, 900),
        "statuses_count": rng.randint(10, 9000),
        "last_status_at": "2026-01-04",
        "emojis": [],
        "fields": [{"name": "Web", "value": f'<a href="https://{home}">{home}</a>', "verified_at": None}],
    }


def address_of(number):
    """The address of an account by which all servers know it."""
    found = account(number)
    return found["acct"] if "@" in found["acct"] else f"{found['acct']}@{HOST}"


def _content(rng, number, language):
    """HTML as Mastodon writes it, about one or two of the names."""
    words = [rng.choice(WORDS[language]) for _ in range(rng.randint(8, 55))]
    words[0] = words[0].capitalize()
    for _time in range(rng.choice([1, 1, 2])):
        words[rng.randrange(len(words))] = rng.choice(NAMES).title()
    if rng.random() < 0.25:
        words.append(rng.choice(EMOJI))
    pieces = [" ".join(words)]
    if rng.random() < 0.3:
        words.insert(len(words) // 2, "</p><p>")
        pieces = [" ".join(words)]
    tags = rng.sample(TAGS, rng.choice([0, 1, 1, 2]))
    pieces += [
        f'<a href="https://social.example/tags/{tag}" class="mention hashtag" rel="tag">#<span>{tag}</span></a>'
        for tag in tags
    ]
    if rng.random() < 0.3:
        pieces.append(
            f'<a href="https://shop.example/p/{number}" target="_blank" rel="nofollow noopener noreferrer">'
            f'<span class="invisible">https://</span><span class="">shop.example/p/{number}</span>'
            '<span class="invisible"></span></a>'
        )
    return f"<p>{' '.join(pieces)} &amp; {number}</p>", tags


def status(number, host=HOST):
    """A post as the API gives it."""
    rng = random.Random(number * 7 + 3)
    language = rng.choice(["es", "en"])
    content, tags = _content(rng, number, language)
    writer = account(author_of(number), host)
    parent = parent_of(number)
    moment = (BEGIN + timedelta(seconds=PACE * number)).strftime("%Y-%m-%dT%H:%M:%S.000Z")
    identifier = post_id(number)
    return {
        "id": identifier,
        "created_at": moment,
        "in_reply_to_id": None if parent is None else post_id(parent),
        "in_reply_to_account_id": None if parent is None else account(author_of(parent), host)["id"],
        "sensitive": False,
        "spoiler_text": "",
        "visibility": "public",
        "language": language,
        "uri": f"{writer['uri']}/statuses/{identifier}",
        "url": f"{writer['url']}/{identifier}",
        "replies_count": rng.choice([0, 0, 0, 1, 4]),
        "reblogs_count": rng.choice([0, 0, 2]),
        "favourites_count": rng.choice([0, 0, 1, 9]),
        "quotes_count": 0,
        "edited_at": None,
        "content": content,
        "reblog": None,
        "application": {"name": "Web", "website": None},
        "account": writer,
        "media_attachments": []
        if rng.random() < 0.8
        else [
            {
                "id": str(number),
                "type": "image",
                "url": f"https://files.{host}/{number}.jpg",
                "preview_url": f"https://files.{host}/{number}.small.jpg",
                "remote_url": None,
                "meta": {"original": {"width": 1200, "height": 900}},
                "description": "A picture",
                "blurhash": "UBL_:rOpGG-oBUNG,qRj2so|=eE1w^n4S5NH",
            }
        ],
        "mentions": [],
        "tags": [{"name": tag, "url": f"https://{host}/tags/{tag}"} for tag in tags],
        "emojis": [],
        "card": None,
        "poll": None,
    }
