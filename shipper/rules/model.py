"""What a rule is: which documents it looks at, and what about them raises an alert.

Every time is a number of milliseconds since 1970 (UTC), which is what Elasticsearch keeps of ``@timestamp``: digits
below are cut off. Spans of time are half-open: ``[t0, t1)``. A document counts once for a rule, whatever the number of
copies.

A document without ``@timestamp``, or tagged ``backfill``, is looked at by no rule (unless the user says so). A document
that lacks a field of ``by`` or ``values_of`` belongs to no group and is passed over; one with several values in such a
field belongs to several groups.
"""

from typing import Literal, TypeAlias

import msgspec

from shipper.catalog import Language

#: What a field is compared with; a field that has several values meets a condition when one of them does.
Scalar: TypeAlias = str | int | bool
#: A field or several: ``"event.code"``; values: one or any of several.
Values: TypeAlias = Scalar | tuple[Scalar, ...]


class Hours(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A recurring span of the week, UTC.

    Attributes:
        begin, end: hours 0..24, ``begin`` before ``end``: ``[begin, end)``.
        days: ISO weekdays, 1 Monday to 7 Sunday.
    """

    begin: int = 0
    end: int = 24
    days: tuple[int, ...] = (1, 2, 3, 4, 5, 6, 7)


class Condition(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What a document must be; every part that is said must hold.

    Attributes:
        equals: (TOML ``is``) field to value or values: the field has one of them. Strings are compared exactly.
        equals_none: (TOML ``is_not``) field to value or values: it has none of them (a missing field does not).
        exists: fields that must be there.
        missing: fields that must not be there.
        at_least: numeric field to the least value.
        outside: ``@timestamp`` lies in none of these hours.
    """

    equals: dict[str, Values] = msgspec.field(default_factory=dict, name="is")
    equals_none: dict[str, Values] = msgspec.field(default_factory=dict, name="is_not")
    exists: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    at_least: dict[str, int] = msgspec.field(default_factory=dict)
    outside: tuple[Hours, ...] = ()


class Match(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, tag="match", tag_field="kind"):
    """Every matching document is an alert.

    An execution over ``[t0, t1)`` finds one group a document: ids = that one. In the stream, and where Kibana's licence
    has suppression, further ones with the same values of ``by`` are quiet for ``Rule.quiet_for``; without ``by``, or
    where a document lacks one of its fields, none is.
    """

    by: tuple[str, ...] = ()


class Count(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, tag="count", tag_field="kind"):
    """Many matching documents of one group within a time.

    An execution over ``[t0, t1)`` finds each group with ``at_least`` matching documents, or where ``distinct`` is said
    with ``at_least`` distinct values of that field among them; ids = all matching documents of the group in it. In the
    stream the span ends with each matching document and is ``within`` long.

    Attributes:
        by: none for all documents together, at most 3.
    """

    by: tuple[str, ...] = ()
    at_least: int
    within: str
    distinct: str = ""


class New(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, tag="new", tag_field="kind"):
    """A combination of values that was not there for a time.

    An execution over ``[t0, t1)`` finds each combination that a matching document has in ``[t0, t1)`` and none has in
    ``[t0 - not_seen_for, t0)``; ids = the earliest. In the stream each document is such an execution, and nothing is
    raised before the evaluator has watched for ``learn_for``: at first everything is new.

    Attributes:
        values_of: 1 to 3 fields.
    """

    values_of: tuple[str, ...]
    not_seen_for: str
    learn_for: str = "3d"


class Unanswered(
    msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, tag="unanswered", tag_field="kind"
):
    """Something without its follow-up.

    Within one group, an opening document at ``a`` is answered by a document that meets ``answer`` at ``b >= a``. An
    execution at ``t1`` looks at ``[t1 - look_back, t1)`` and finds each group that has an opening document at
    ``a < t1 - within`` later than the group's last answer; ids = all such opening documents.

    Attributes:
        answer: what the follow-up is; the rule's own condition is that of the opening document.
    """

    by: tuple[str, ...]
    answer: Condition
    within: str
    look_back: str


class Silence(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, tag="silence", tag_field="kind"):
    """A group that goes quiet.

    An execution at ``t1`` looks at ``[t1 - look_back, t1)`` and finds each group whose last matching document is at
    ``a < t1 - longer_than``; ids = that document.
    """

    by: tuple[str, ...]
    longer_than: str
    look_back: str


LooksFor: TypeAlias = Match | Count | New | Unanswered | Silence
#: What a rule tells of, said honestly: an attack that ATT&CK knows; something an attacker *or* an administrator may do;
#: a failure of the service; a failure of its watching.
Nature = Literal["attack", "change", "failure", "watch"]
Severity = Literal["low", "medium", "high", "critical"]
#: Risk scores that belong to each severity, as Elastic's own rules have them.
RISK_BANDS: dict[Severity, range] = {
    "low": range(22),
    "medium": range(22, 48),
    "high": range(48, 74),
    "critical": range(74, 101),
}
#: Which data stream a rule reads: ``logs-intune_connector.events-*`` or ``metrics-intune_connector.shipper-*``.
Reads = Literal["events", "metrics"]
DATASETS: dict[Reads, str] = {"events": "intune_connector.events", "metrics": "intune_connector.shipper"}
INDEX_PATTERNS: dict[Reads, str] = {
    "events": "logs-intune_connector.events-*",
    "metrics": "metrics-intune_connector.shipper-*",
}


class RuleText(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What a person is told, in one language.

    Attributes:
        name: a title without a full stop, unique over all rules.
        why: one or two sentences: what this tells and why it matters.
        first_steps: the investigation guide: what to look at, in order; whole sentences.
    """

    name: str
    why: str
    first_steps: tuple[str, ...]


class Technique(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A technique of MITRE ATT&CK with the tactic it serves (https://attack.mitre.org)."""

    tactic_id: str
    tactic: str
    technique_id: str
    technique: str


class Rule(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One detection rule, as one file of ``dashboards/rules/`` says it.

    Attributes:
        id: stable, kebab-case, unique; also the name of the file.
        version: raised with every change of what it finds or says.
        nature: what it honestly is.
        severity, risk_score: see ``RISK_BANDS``.
        reads: which data stream.
        where: which documents.
        looks_for: what about them.
        quiet_for: how long the evaluator raises no second alert for the same group; of ``Unanswered`` and ``Silence``
            there is an execution when it ends, which tells of what still stays away.
        text: by language.
        advice_from: event ids and codes, as ``shipper explain`` takes them, whose cause and remedy go into the alert.
        false_positives, references, limits: whole sentences (English); URLs; what the rule cannot see.
        threat: only where ``nature`` is ``attack`` or ``change``.
    """

    id: str
    version: int = 1
    nature: Nature
    severity: Severity
    risk_score: int
    reads: Reads = "events"
    where: Condition
    looks_for: LooksFor
    quiet_for: str = "1h"
    text: dict[Language, RuleText]
    advice_from: tuple[str, ...] = ()
    false_positives: tuple[str, ...] = ()
    references: tuple[str, ...] = ()
    limits: tuple[str, ...] = ()
    threat: tuple[Technique, ...] = ()

    @property
    def by(self) -> tuple[str, ...]:
        """Return the fields whose values make a group."""
        return self.looks_for.values_of if isinstance(self.looks_for, New) else self.looks_for.by

    @property
    def wide(self) -> bool:
        """Say whether a group may span hosts, so that the rule needs the whole stream and not one shipper's part."""
        return not isinstance(self.looks_for, Match) and "host.name" not in self.by


class Seen(msgspec.Struct, frozen=True, gc=False):
    """A document as rules see it.

    Attributes:
        id: its ``_id``.
        time_ms: ``@timestamp``.
        fields: dotted field name to its values, only such fields as the rules at hand name and alerts show.
    """

    id: str
    time_ms: int
    fields: dict[str, tuple[Scalar, ...]]


class Finding(msgspec.Struct, frozen=True):
    """What one execution of a rule finds for one group.

    Attributes:
        rule_id: which rule.
        group: the values of ``Rule.by``, as text; for ``Match`` the id of the document.
        ids: the matched documents, sorted by time, then id; the alert keeps the first hundred.
        count: how many they are.
        first_ms, last_ms: the times of the first and the last of them.
    """

    rule_id: str
    group: tuple[str, ...]
    ids: tuple[str, ...]
    count: int
    first_ms: int
    last_ms: int
