"""At which moments of a stream an execution would find something, group by group; the oracle's view of the evaluator.

``shipper.rules.model`` says what an execution is in the stream: of a match each document, of what is new likewise (and
the millisecond before it, at which Kibana's run begins), of a count the span that ends with each document, of what
stays away the moment at which it was due.
"""

from bisect import bisect_left
from collections.abc import Iterable, Iterator
from heapq import heapify, heappop, heappush

import msgspec

from shipper.rules.model import Count, Match, New, Rule, Silence, Unanswered
from shipper.testing.parity.oracle import Oracle, span_ms


class Moment(msgspec.Struct, frozen=True):
    """An execution that finds a group.

    Attributes:
        group: which.
        at_ms: the time that an alert about it has.
        t0_ms, t1_ms: the execution, ``[t0, t1)``.
        ids: what it finds.
    """

    group: tuple[str, ...]
    at_ms: int
    t0_ms: int
    t1_ms: int
    ids: tuple[str, ...]


def moments(oracle: Oracle, rule: Rule, begin_ms: int, end_ms: int) -> Iterator[Moment]:
    """Yield every moment of ``[begin, end]`` at which an alert of ``rule`` may be raised."""
    places = oracle.matching(rule, begin_ms, end_ms)
    match rule.looks_for:
        case Match():
            yield from (_moment(oracle, oracle.ids([place]), oracle.time_ms(place), 0, [place]) for place in places)
        case Count() as wanted:
            for group, members in oracle.groups(rule, places).items():
                yield from _counted(oracle, wanted, group, members)
        case New() as wanted:
            for group, members in oracle.groups(rule, places).items():
                yield from _new(oracle, wanted, group, members, begin_ms)
        case Unanswered() as wanted:
            answers = oracle.groups(rule, oracle.answering(rule, begin_ms, end_ms))
            for group, members in oracle.groups(rule, places).items():
                yield from _overdue(oracle, wanted, group, (members, answers.get(group, [])), end_ms)
        case Silence() as wanted:
            for group, members in oracle.groups(rule, places).items():
                yield from _silent(oracle, wanted, group, members, end_ms)


def told(oracle: Oracle, rule: Rule, found: Iterable[Moment], end_ms: int) -> list[Moment]:
    """Return the moments up to ``end_ms`` of which an evaluator tells, the others being kept quiet: in order of time.

    Quiet is what comes less than ``quiet_for`` after an alert of the same group (of a match: with the same values of
    ``by``), and what has the identity of one: a count in the same span of the id, a follow-up or a sign that stays away
    after the same document. Of what stays away there is another execution when the quiet time of its group ends.
    """
    quiet_ms, raised, identities = span_ms(rule.quiet_for), dict[tuple[str, ...], int](), set[tuple[object, ...]]()
    alerts = []
    waiting = [(moment.at_ms, number, moment) for number, moment in enumerate(found)]
    heapify(waiting)
    while waiting:
        at_ms, number, moment = heappop(waiting)
        key, identity = _key(oracle, rule, moment), (moment.group, _identity(rule, moment))
        if identity in identities:
            continue
        if at_ms - raised.get(key, -quiet_ms) < quiet_ms:
            for later in _later(oracle, rule, moment.group, raised[key] + quiet_ms, end_ms):
                heappush(waiting, (later.at_ms, number, later))
            continue
        raised[key] = at_ms
        identities.add(identity)
        alerts.append(moment)
    return alerts


def _later(oracle: Oracle, rule: Rule, group: tuple[str, ...], at_ms: int, end_ms: int) -> Iterator[Moment]:
    """Yield what an execution at the end of a quiet time finds of what still stays away."""
    if not isinstance(rule.looks_for, Unanswered | Silence) or at_ms > end_ms:
        return
    t0_ms = at_ms - span_ms(rule.looks_for.look_back)
    if ids := oracle.find(rule, t0_ms, at_ms).get(group):
        yield Moment(group, at_ms, t0_ms, at_ms, ids)


def _key(oracle: Oracle, rule: Rule, moment: Moment) -> tuple[str, ...]:
    if not isinstance(rule.looks_for, Match) or not rule.by:
        return moment.group
    groups = oracle.groups(rule, oracle.matching(rule, moment.t0_ms, moment.t1_ms))
    return next(iter(groups), moment.group)


def _identity(rule: Rule, moment: Moment) -> object:
    if isinstance(rule.looks_for, Count):
        return moment.at_ms // max(span_ms(rule.looks_for.within), span_ms(rule.quiet_for))
    return moment.ids[-1]


def _moment(
    oracle: Oracle, group: tuple[str, ...], at_ms: int, back_ms: int, places: list[int], *, due: bool = False
) -> Moment:
    t1_ms = at_ms if due else at_ms + 1
    return Moment(group, at_ms, t1_ms - (back_ms or 1), t1_ms, oracle.ids(places))


def _counted(oracle: Oracle, wanted: Count, group: tuple[str, ...], places: list[int]) -> Iterator[Moment]:
    times, within_ms = [oracle.time_ms(place) for place in places], span_ms(wanted.within)
    for end, time_ms in enumerate(times, 1):
        span = places[bisect_left(times, time_ms + 1 - within_ms) : end]
        if oracle.size(wanted, span) >= wanted.at_least:
            yield _moment(oracle, group, time_ms, within_ms, span)


def _new(oracle: Oracle, wanted: New, group: tuple[str, ...], places: list[int], begin_ms: int) -> Iterator[Moment]:
    last_ms = None
    for place in places:
        time_ms = oracle.time_ms(place)
        known = last_ms is not None and time_ms - last_ms <= span_ms(wanted.not_seen_for)
        if not known and time_ms >= begin_ms + span_ms(wanted.learn_for):
            yield _moment(oracle, group, time_ms, 2, [place])
        last_ms = time_ms


def _overdue(
    oracle: Oracle, wanted: Unanswered, group: tuple[str, ...], places: tuple[list[int], list[int]], end_ms: int
) -> Iterator[Moment]:
    openings, answers = ([(oracle.time_ms(place), place) for place in some] for some in places)
    within_ms, back_ms = span_ms(wanted.within), span_ms(wanted.look_back)
    for opened_ms, _ in openings:
        due_ms = opened_ms + within_ms + 1
        answered_ms = max((time_ms for time_ms, _ in answers if due_ms - back_ms <= time_ms < due_ms), default=-1)
        if due_ms <= end_ms and answered_ms < opened_ms:
            first_ms = max(answered_ms + 1, due_ms - back_ms)
            overdue = [place for time_ms, place in openings if first_ms <= time_ms <= opened_ms]
            yield _moment(oracle, group, due_ms, back_ms, overdue, due=True)


def _silent(
    oracle: Oracle, wanted: Silence, group: tuple[str, ...], places: list[int], end_ms: int
) -> Iterator[Moment]:
    longer_ms = span_ms(wanted.longer_than)
    for place, following in zip(places, [*places[1:], None], strict=True):
        due_ms = oracle.time_ms(place) + longer_ms + 1
        if due_ms <= end_ms and (following is None or oracle.time_ms(following) >= due_ms):
            yield _moment(oracle, group, due_ms, span_ms(wanted.look_back), [place], due=True)
