"""The rules of a company as plain values: built once, used for every batch, shared by threads.

Nothing in here touches a record, so a batch of posts is decided in plain Python.
"""

from copy import copy
from dataclasses import dataclass, field

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


#: stands for rules that ask for no kind of mention
ANY_KIND = ""


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
    lifecycle: str = ""
    influence: float = 0.0
    #: ids of the calendars within whose working hours it was written
    inside: frozenset = frozenset()
    #: 0 is Monday, in the company's zone; -1 when no rule asks
    weekday: int = -1
    #: minutes since midnight in the company's zone
    minute: int = 0


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
    lifecycles: frozenset = frozenset()
    influence_min: float = 0.0
    #: "inside" or "outside" the working hours of ``calendar``; "any"
    hours: str = "any"
    calendar: int = 0
    weekdays: frozenset = frozenset()
    #: (from, to) in minutes since midnight; a span that ends before it begins goes over midnight
    span: tuple = ()
    #: about a topic of risk, or with a word of the company's list
    risk: bool = False
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
            or (self.lifecycles and facts.lifecycle not in self.lifecycles)
            or (self.influence_min and facts.influence < self.influence_min)
            or (self.hours != "any" and (self.calendar in facts.inside) != (self.hours == "inside"))
            or (self.weekdays and facts.weekday not in self.weekdays)
            or (self.span and not _within(facts.minute, *self.span))
        )


def _within(minute, begin, end):
    """Return whether a minute of the day lies in a span; one that ends before it begins goes over midnight.

    >>> _within(30, 60, 120), _within(60, 60, 120), _within(30, 1320, 360), _within(720, 1320, 360)
    (False, True, True, False)
    """
    return begin <= minute < end if begin <= end else minute >= begin or minute < end


@dataclass(frozen=True, slots=True)
class Action:
    """What a rule does; what is empty it leaves to later rules."""

    ignore: bool = False
    department_id: int = 0
    user_id: int = 0
    priority: str = ""
    lead: bool = False
    ticket: bool = False
    topics: tuple = ()
    #: hours the mention rests
    snooze: float = 0.0
    #: id of the action line that chooses somebody for each mention
    choose: int = 0
    #: ids of the action lines that are run once the mention is stored, in their order
    late: tuple = ()
    stop: bool = True


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule, by the id of its record."""

    id: int
    condition: Condition
    action: Action


#: what the first rule that says something about it decides, by the name it has in actions and decisions
FIRST = ("ignore", "department_id", "user_id", "priority", "lead", "ticket", "snooze")


@dataclass(slots=True)
class Decision:
    """What the rules make of one mention: who says first, counts."""

    rules: list
    #: (start, end, word) of the words in the text, where that was asked for
    spans: list
    ignore: bool = False
    department_id: int = 0
    user_id: int = 0
    priority: str = ""
    lead: bool = False
    ticket: bool = False
    topics: tuple = ()
    snooze: float = 0.0
    choose: int = 0
    late: tuple = ()
    #: which rule decided what
    by: dict = field(default_factory=dict)
    #: why something could not be done, for the mention
    note: str = ""
    #: values of a stored mention before; None for a new one
    before: dict | None = None

    @property
    def outcome(self):
        """What is the same for mentions that are stored in the same way."""
        decided = (self.ignore, self.department_id, self.user_id, self.priority, self.topics, self.snooze, self.note)
        return (tuple(self.rules), *decided)

    def take(self, rule):
        """Add what a rule that applies does."""
        action = rule.action
        self.rules.append(rule.id)
        # whoever is chosen later is decided as well
        settled = self.user_id or self.choose
        if not settled and action.choose and not action.user_id:
            self.choose = action.choose
            self.by["user_id"] = rule.id
        for name in FIRST:
            value = getattr(action, name)
            if value and not getattr(self, name) and not (name == "user_id" and settled):
                setattr(self, name, value)
                self.by[name] = rule.id
        if action.topics:
            self.topics += tuple(topic for topic in action.topics if topic not in self.topics)
            self.by.setdefault("topics", rule.id)
        if action.late:
            self.late += action.late


class Ruleset:
    """Rules in their order, with the words of all of them in one matcher."""

    def __init__(self, rules, risk_topics=(), risk_words=()):
        """
        :param rules: iterable of :class:`Rule`
        :param risk_topics: ids of the topics that are risks
        :param risk_words: words that are risks wherever they stand
        """
        self.rules = tuple(rules)
        self._risk_topics = frozenset(risk_topics)
        conditions = [rule.condition for rule in self.rules]
        self._risk_words = frozenset(risk_words if any(c.risk for c in conditions) else ())
        # each word is looked for once, however many rules have it
        words = dict.fromkeys(word for c in conditions for word in (*c.wanted, *c.excluded))
        words |= dict.fromkeys(self._risk_words)
        self._matcher = Matcher(Keyword(word, word) for word in words) if words else None
        self._plan_rules()
        #: whether some rule looks at who wrote
        self.reads_authors = any(c.audience_min or c.audience_max or c.known != "any" for c in conditions)
        self.reads_lifecycles = any(c.lifecycles for c in conditions)
        self.reads_influence = any(c.influence_min for c in conditions)
        self.reads_clock = any(c.weekdays or c.span for c in conditions)
        #: ids of the calendars whose working hours some rule looks at
        self.calendars = frozenset(c.calendar for c in conditions if c.hours != "any")

    def __bool__(self):
        return bool(self.rules)

    def without(self, rule_ids):
        """Return a ruleset without some rules.

        :param rule_ids: ids
        """
        rules = [rule for rule in self.rules if rule.id not in rule_ids]
        rest = copy(self)
        rest.rules = tuple(rules)
        rest._plan_rules()
        return rest

    def _plan_rules(self):
        """Sort rules by what has to be there before the rest of their condition is worth a look.

        Most rules have words, topics or kinds, and most mentions have none of them: only those that have are looked at.
        """
        self._plan = tuple((rule, rule.condition) for rule in self.rules)
        self._by_word, self._by_topic, self._by_kind = {}, {}, {}
        for place, (_rule, condition) in enumerate(self._plan):
            if condition.wanted:
                keys, places_by = condition.wanted, self._by_word
            elif condition.topics:
                keys, places_by = condition.topics, self._by_topic
            else:
                keys, places_by = condition.kinds or (ANY_KIND,), self._by_kind
            for key in keys:
                places_by.setdefault(key, []).append(place)

    def _worth_a_look(self, found, facts):
        """Return the places of the rules that may apply, in order.

        :param found: what the matcher found
        :param Facts facts: of the mention
        """
        places = {*self._by_kind.get(ANY_KIND, ()), *self._by_kind.get(facts.kind, ())}
        for word in found:
            places.update(self._by_word.get(word, ()))
        for topic in facts.topics:
            places.update(self._by_topic.get(topic, ()))
        return sorted(places)

    def ends(self, decision):
        """Return whether rules below these would not be asked any more.

        :param Decision decision: of :meth:`decide`, or None
        """
        if decision is None:
            return False
        last = next(rule.action for rule in self.rules if rule.id == decision.rules[-1])
        return last.stop or last.ignore

    def decide(self, facts, places=True):
        """Return the :class:`Decision` for a mention, or None when no rule applies to it.

        :param Facts facts: of the mention
        :param bool places: False where nobody asks where the words stand: ``spans`` stays empty then, which is faster
        """
        found = self._matcher.match(facts.text, places) if self._matcher is not None and facts.text else {}
        words = found.keys()
        decision = None
        for place in self._worth_a_look(found, facts):
            rule, condition = self._plan[place]
            if condition.excluded and not words.isdisjoint(condition.excluded):
                continue
            if condition.risk and words.isdisjoint(self._risk_words) and self._risk_topics.isdisjoint(facts.topics):
                continue
            if not condition.holds(facts):
                continue
            if decision is None:
                decision = Decision([], [])
            decision.take(rule)
            if places:
                asked = {*condition.wanted, *(self._risk_words if condition.risk else ())}
                decision.spans += sorted(span for word in words & asked for span in found[word])
            if rule.action.stop or rule.action.ignore:
                break
        return decision
