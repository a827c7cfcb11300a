from datetime import datetime, timedelta
from unittest.mock import patch

from odoo.tests import tagged

from odoo.addons.community_manager.models.understanding import community_search

from .common import item
from .routing_common import RoutingCase

NOW = datetime(2026, 3, 20, 12)
HOSTILE = [
    "'",
    '"',
    "\\",
    "a & | ! <-> b :*",
    "((((",
    '"unfinished phrase',
    "-",
    "- -a or or or",
    "or",
    "\0",
    "a\0b",
    "\ud800",
    "%_%",
    "{}%s%(x)s",
    "😡👍🏽",
    "e" + "\u0301\u0323" * 5000,
    "a" * 100_000,
    "word " * 20_000,
    "a_" * 5000,
    "not:" * 3000 + "(" * 3000,
    " ".join(
        f"{chr(66560 + number % 40)}{chr(66560 + number // 40 % 40)}-{chr(120 + number // 1600)}"
        for number in range(20_000)
    ),
    "' ; DROP TABLE community_search; --",
]


@tagged("post_install", "-at_install")
class TestSearch(RoutingCase):
    """Words are looked for in mentions."""

    def tell(self, text, language="es", days=0, **values):
        """Let a mention come in that can be found."""
        mention = self.say(text, **values)
        mention.write({"language": language, "published_at": NOW - timedelta(days=days)})
        self.env["community.search"]._keep(mention)
        return mention

    def find(self, words, user=None, **kwargs):
        """Look for words as the search bar does; return the mentions found, in order."""
        mentions = self.env["community.mention"].with_user(user or self.agent)
        return mentions.search(
            [("words", "ilike", words), ("channel_id", "=", self.channel.id)], **{"limit": 80, **kwargs}
        )

    def test_any_form_of_a_word(self):
        """Plural, gender and accents make no difference, written or looked for with or without."""
        spanish = self.tell("Dos devoluciones y ningún ENVÍO todavía")
        hasty = self.tell("quiero una devolucion del envio")
        english = self.tell("Three deliveries failed", "en")
        portuguese = self.tell("A devolução não chegou", "pt")
        for words in ("devolución", "devolucion", "Devoluciones", "ENVIOS", "envío"):
            self.assertEqual(self.find(words) & (spanish | hasty), spanish | hasty, words)
        self.assertEqual(self.find("delivery failing"), english)
        self.assertEqual(self.find("devoluções"), portuguese)

    def test_language_that_is_not_known(self):
        """Without a language words are found as they stand, accents or not."""
        odd = self.tell("Tlacualtzin ñandú", False)
        other = self.tell("Tlacualtzin", "tlh")
        self.assertEqual(self.find("tlacualtzin"), odd | other)
        self.assertEqual(self.find("nandu"), odd)
        self.assertEqual(self.find("ÑANDÚ"), odd)

    def test_side_by_side_without_and_or(self):
        """Quotes, a minus and "or" mean what they mean elsewhere."""
        one = self.tell("atención al cliente horrible", days=1)
        two = self.tell("cliente: poca atención", days=2)
        three = self.tell("good customer service", "en", days=3)
        self.assertEqual(self.find("atención cliente"), one | two)
        self.assertEqual(self.find('"atención al cliente"'), one)
        self.assertEqual(self.find("«atención al cliente»"), one)
        self.assertEqual(self.find("cliente -horrible"), two)
        self.assertEqual(set(self.find("horrible or service")), set(one | three))

    def test_title_and_text(self):
        """Titles are looked in too, and count more; the title of a comment is the site's."""
        text = self.tell("Nothing but bicycles in here, all about bicycles", "en")
        title = self.tell("Read on", "en", title="Bicycles")
        self.assertEqual(self.find("bicycle"), title + text)

    def test_best_first(self):
        """What matches best comes first, age counts, and another order that was chosen stays."""
        old = self.tell("envío envío envío", days=700)
        once = self.tell("un envío y muchas otras cosas que no vienen al caso", days=1)
        often = self.tell("envío tras envío", days=2)
        self.assertEqual(self.find("envío"), often + once + old)
        self.assertEqual(self.find("envío", order="published_at asc"), old + often + once)
        self.assertEqual(self.find("envío", limit=1, offset=1), once)
        self.assertEqual(self.find("envío", limit=None), once + often + old, "without a page it is by date")

    def test_pages_of_very_many(self):
        """Of very many only the newest are ranked; page by page each is shown once."""
        mentions = self.env["community.mention"].union(
            *(self.tell("envío " * (1 + number % 3), days=number) for number in range(7))
        )
        with patch.object(community_search, "RANKED", 3):
            pages = [self.find("envío", limit=2, offset=offset) for offset in (0, 2, 4, 6)]
        self.assertEqual([len(page) for page in pages], [2, 2, 2, 1])
        found = self.env["community.mention"].concat(*pages)
        self.assertEqual(set(found), set(mentions))
        self.assertEqual(set(found[:3]), set(mentions[:3]))
        self.assertEqual(found[3:], mentions[3:])

    def test_together_with_filters(self):
        """Other filters narrow it, counts and groups agree, and what is looked for can be turned round."""
        new = self.tell("envío roto")
        done = self.tell("envío entero")
        done.state = "done"
        domain = [("words", "ilike", "envío"), ("channel_id", "=", self.channel.id)]
        mentions = self.env["community.mention"].with_user(self.agent)
        self.assertEqual(mentions.search([*domain, ("state", "=", "done")], limit=5), done)
        self.assertEqual(mentions.search_count(domain), 2)
        groups = mentions.web_read_group(domain, ["state"], ["__count"])["groups"]
        self.assertEqual([group["__count"] for group in groups if group["__count"]], [1, 1])
        self.assertEqual(mentions.search(["!", ("words", "ilike", "roto"), *domain[1:]], limit=5), done)
        either = ["|", ("words", "ilike", "roto"), ("words", "ilike", "entero"), *domain[1:]]
        self.assertEqual(set(mentions.search(either, limit=5)), set(new | done))

    def test_rights(self):
        """Nobody finds what they may not see."""
        ours = self.tell("envío nuestro")
        theirs = self.tell("envío ajeno", channel=self.make_quiet_channel("Theirs", company_id=self.other_company.id))
        self.assertEqual(theirs.company_id, self.other_company)
        mentions = self.env["community.mention"].with_user(self.agent)
        self.assertEqual(mentions.search([("words", "ilike", "envío")], limit=80) & (ours | theirs), ours)
        self.assertEqual(mentions.search_count([("words", "ilike", "ajeno")]), 0)

    def test_nothing_that_is_typed_fails(self):
        """Whatever is typed finds something or nothing."""
        self.tell("envío", days=1)
        self.tell("😡👍🏽", "en")
        for words in HOSTILE:
            self.find(words)
            self.env["community.mention"].search_count([("words", "ilike", words)])
            self.env["community.mention"].search([("words", "=", words)], limit=1)

    def test_nothing_that_is_said_fails(self):
        """Whatever is said can be indexed, and is found as far as it has words."""
        texts = [words.replace("\0", " ").encode(errors="ignore").decode() for words in HOSTILE]
        mentions = self.env["community.mention"].union(*(self.tell(f"zanahoria {text}") for text in texts))
        self.assertEqual(set(self.find("zanahorias")), set(mentions))

    def test_signs(self):
        """What is no word is looked for as it stands."""
        angry = self.tell("😡 otra vez")
        self.tell("otra vez")
        self.assertEqual(self.find("😡"), angry)

    def test_deleted(self):
        """What was deleted on the network, or here, is found no longer, and nothing of its words is kept."""
        mention, other = self.tell("secreto uno"), self.tell("secreto dos")
        mention._erase_content()
        self.assertEqual(self.find("secreto"), other)
        kept = self.env["community.search"].search([("mention_id", "in", (mention | other).ids)])
        self.assertEqual(kept.mention_id, other)
        other.unlink()
        self.env.flush_all()
        self.assertFalse(kept.exists())

    def test_edited_and_corrected(self):
        """An edit is found by its new words, and a corrected language has other stems."""
        mention = self.tell("Estamos buscando", "en")
        self.assertFalse(self.find("buscar"))
        mention.write({"language": "es"})
        self.assertEqual(self.find("buscar"), mention)
        mention.text = "Las felicitaciones"
        self.env["community.search"]._keep(mention)
        self.assertFalse(self.find("buscar"))
        self.assertEqual(self.find("felicitación"), mention)

    def test_second_pass(self):
        """Soon after a mention has come in it can be found."""
        self.tell("otra cosa")
        mention = self.say("La atención es una vergüenza y el envío no llega")
        self.assertFalse(self.find("vergüenza"))
        self.env["community.analyst"]._deepen_waiting()
        self.assertEqual(self.find("verguenza"), mention)

    def test_what_waits(self):
        """What the second pass has not reached, or cannot read, is made findable all the same, once."""
        mentions = self.take(*(item(f"old-{number}", f"antiguo {number}", origin="own") for number in range(5)))
        empty = self.say(" ")
        search = self.env["community.search"]
        with patch.object(community_search, "BATCH", 3):
            while search._catch_up():
                pass
        self.assertEqual(set(self.find("antiguo")), set(mentions))
        self.assertEqual(search._catch_up(), 0)
        self.assertFalse(empty.analysis_due and self.find("antiguo") & empty)
