"""The rules of a company as plain values: built once, used for every batch, shared by threads.

Nothing in here touches a record, so a batch of posts is decided in plain Python.
"""

from dataclasses import dataclass

from ...analysis.matching import Keyword, Matcher

#: what a rule's ``visibility`` stands for
VISIBILITIES = {"public": frozenset({"public", "unlisted"}), "private": frozenset({"private", "direct"})}


def keyword_lines(text):
    """Return ``(wanted, excluded)`` words of a text with one word or phrase a line; ``-`` marks an exclusion.

    >>> keyword_lines("price\\n -free trial\\n\\n quote* ")
    (['price', 'quote*'], ['free trial'])
    """
    wanted, excluded = [], []
    for line in (text or "").splitlines():
        word = line.strip()
        if word.startswith("-"):
            excluded.append(word[1:].strip())
        elif word:
            wanted.append(word)
    return wanted, [word for word in excluded if word]


def linked(commands):
    """Return the ids in the commands with which the many2many field of a new record is set.

    >>> linked([(6, 0, [3, 5])]), linked(False)
    ([3, 5], [])
    """
    return [number for command in commands or () for number in command[2] or ()]


@dataclass(frozen=True, slots=True)
class Facts:
    """What rules look at in a mention."""

    text: str = ""
    topics: frozenset = frozenset()
    network: str = ""
    channel: int = 0
    kind: str = "post"
    visibility: str = "public"
    followers: int = 0
    known: bool = False
    sentiment: str = ""
    intents: frozenset = frozenset()
    language: str = ""


@dataclass(frozen=True, slots=True)
class Condition:
    """When a rule applies; what is empty does not matter."""

    topics: frozenset = frozenset()
    networks: frozenset = frozenset()
    channels: frozenset = frozenset()
    kinds: frozenset = frozenset()
    visibility: str = "any"
    audience_min: int = 0
    audience_max: int = 0
    known: str = "any"
    sentiment: str = ""
    intents: frozenset = frozenset()
    languages: frozenset = frozenset()
    wanted: tuple = ()
    excluded: tuple = ()

    @property
    def is_empty(self):
        """Whether every mention meets it."""
        return self == Condition()

    def holds(self, facts):
        """Return whether everything but the words is met.

        :param Facts facts: of a mention
        """
        return not (
            (self.topics and self.topics.isdisjoint(facts.topics))
            or (self.networks and facts.network not in self.networks)
            or (self.channels and facts.channel not in self.channels)
            or (self.kinds and facts.kind not in self.kinds)
            or (self.visibility != "any" and facts.visibility not in VISIBILITIES[self.visibility])
            or facts.followers < self.audience_min
            or (self.audience_max and facts.followers > self.audience_max)
            or (self.known != "any" and facts.known != (self.known == "known"))
            or (self.sentiment and facts.sentiment != self.sentiment)
            or (self.intents and self.intents.isdisjoint(facts.intents))
            or (self.languages and facts.language not in self.languages)
        )


@dataclass(frozen=True, slots=True)
class Action:
    """What a rule does; what is empty it leaves to later rules."""

    ignore: bool = False
    department_id: int = 0
    user_id: int = 0
    priority: str = ""
    lead: bool = False
    ticket: bool = False
    stop: bool = True


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule, by the id of its record."""

    id: int
    condition: Condition
    action: Action


@dataclass(slots=True)
class Decision:
    """What the rules make of one mention: who says first, counts."""

    rules: list
    spans: list
    ignore: bool = False
    department_id: int = 0
    user_id: int = 0
    priority: str = ""
    lead: bool = False
    ticket: bool = False

    @property
    def outcome(self):
        """What is the same for mentions that are stored in the same way."""
        return (tuple(self.rules), self.ignore, self.department_id, self.user_id, self.priority)

    def take(self, rule):
        """Add what a rule that applies does."""
        action = rule.action
        self.rules.append(rule.id)
        self.ignore = self.ignore or action.ignore
        self.department_id = self.department_id or action.department_id
        self.user_id = self.user_id or action.user_id
        self.priority = self.priority or action.priority
        self.lead = self.lead or action.lead
        self.ticket = self.ticket or action.ticket


class Ruleset:
    """Rules in their order, with the words of all of them in one matcher."""

    def __init__(self, rules):
        """:param rules: iterable of :class:`Rule`"""
        self.rules = tuple(rules)
        keywords = []
        for rule in self.rules:
            condition = rule.condition
            keywords += [Keyword((rule.id, True), word) for word in condition.wanted]
            # without a wanted word an exclusion alone is looked for by itself: found means ruled out
            keywords += [
                Keyword((rule.id, bool(condition.wanted)), word, exclude=bool(condition.wanted))
                for word in condition.excluded
            ]
        self._matcher = Matcher(keywords) if keywords else None
        self._plan = tuple((rule, rule.condition, (rule.id, True), (rule.id, False)) for rule in self.rules)

    def __bool__(self):
        return bool(self.rules)

    @property
    def reads_authors(self):
        """Whether some rule looks at who wrote."""
        return any(
            c.audience_min or c.audience_max or c.known != "any" for c in (rule.condition for rule in self.rules)
        )

    def ends(self, decision):
        """Return whether rules below these would not be asked any more.

        :param Decision decision: of :meth:`decide`, or None
        """
        if decision is None:
            return False
        last = next(rule.action for rule in self.rules if rule.id == decision.rules[-1])
        return last.stop or last.ignore

    def decide(self, facts):
        """Return the :class:`Decision` for a mention, or None when no rule applies to it.

        :param Facts facts: of the mention
        """
        found = self._matcher.match(facts.text) if self._matcher is not None and facts.text else {}
        decision = None
        for rule, condition, wanted, unwanted in self._plan:
            # words first: most rules have some, and most texts have none of them
            if (condition.wanted and wanted not in found) or (condition.excluded and unwanted in found):
                continue
            if not condition.holds(facts):
                continue
            if decision is None:
                decision = Decision([], [])
            decision.take(rule)
            decision.spans += found.get(wanted, ())
            if rule.action.stop or rule.action.ignore:
                break
        return decision
