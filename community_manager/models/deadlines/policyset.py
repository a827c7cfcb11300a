"""The policies of a company as plain values: built once, asked for every mention, without a query."""

from dataclasses import dataclass, field

from ..routing.ruleset import VISIBILITIES


@dataclass(frozen=True, slots=True)
class Asked:
    """What policies look at in a mention."""

    topics: frozenset = frozenset()
    intents: frozenset = frozenset()
    network: str = ""
    channel: int = 0
    origin: str = "search"
    visibility: str = "public"
    sentiment: str = ""
    language: str = ""
    priority: str = "0"
    lifecycle: str = ""


@dataclass(frozen=True, slots=True)
class Policy:
    """One policy by the id of its record; what is empty of its conditions does not matter, times are seconds.

    ``calendar`` is the id of its own working hours, 0 for those of the department, None when every hour counts.
    ``before`` is how long before the deadline somebody is reminded: seconds, or a share of the target when negative.
    """

    id: int
    topics: frozenset = frozenset()
    intents: frozenset = frozenset()
    networks: frozenset = frozenset()
    channels: frozenset = frozenset()
    origin: str = "any"
    visibility: str = "any"
    sentiment: str = ""
    languages: frozenset = frozenset()
    priority: str = ""
    lifecycle: str = ""
    targets: dict = field(default_factory=dict, hash=False)
    calendar: int | None = 0
    before: float = 0.0
    steps: tuple = ()

    def covers(self, asked):
        """Return whether this policy is for a mention.

        >>> Policy(1, priority="2").covers(Asked(priority="3")), Policy(1, priority="2").covers(Asked())
        (True, False)
        >>> Policy(1, topics=frozenset({7})).covers(Asked(topics=frozenset({7, 8})))
        True
        """
        return not (
            (self.topics and self.topics.isdisjoint(asked.topics))
            or (self.intents and self.intents.isdisjoint(asked.intents))
            or (self.networks and asked.network not in self.networks)
            or (self.channels and asked.channel not in self.channels)
            or (self.origin != "any" and asked.origin != self.origin)
            or (self.visibility != "any" and asked.visibility not in VISIBILITIES[self.visibility])
            or (self.sentiment and asked.sentiment != self.sentiment)
            or (self.languages and asked.language not in self.languages)
            or (self.priority and asked.priority < self.priority)
            or (self.lifecycle and asked.lifecycle != self.lifecycle)
        )

    def target(self, kind):
        """Return how many seconds an answer may take; 0 when it may take as long as it likes.

        What has no target for later answers takes that of the first.

        >>> Policy(1, targets={"first": 60}).target("next")
        60
        """
        return self.targets.get(kind) or (self.targets.get("first") if kind == "next" else 0) or 0

    def remind_after(self, kind):
        """Return how many seconds after the question somebody is reminded, or None when nobody is.

        >>> Policy(1, targets={"first": 600}, before=120.0).remind_after("first")
        480.0
        >>> Policy(1, targets={"first": 600}, before=-0.25).remind_after("first")
        450.0
        """
        target = self.target(kind)
        if not self.before or not target:
            return None
        before = self.before if self.before > 0 else target * -self.before
        return max(0.0, target - before)


class Policies:
    """The policies of a company in their order: the first that covers a mention counts."""

    def __init__(self, policies):
        """:param policies: iterable of :class:`Policy`"""
        self.policies = tuple(policies)
        self.by_id = {policy.id: policy for policy in self.policies}

    def __bool__(self):
        return bool(self.policies)

    @property
    def reads_lifecycle(self):
        """Whether some policy looks at who wrote."""
        return any(policy.lifecycle for policy in self.policies)

    def find(self, asked):
        """Return the :class:`Policy` for a mention, or None.

        :param Asked asked: of the mention
        """
        return next((policy for policy in self.policies if policy.covers(asked)), None)
