"""How often Kibana runs a rule, and how far each run looks back.

A run sees the documents whose ``event.ingested`` lies in its time, so one that came late is seen all the same. Which
alert is one that is there already decides how much runs may overlap:

* ``query`` and ``new_terms``: the id of the alert follows from the document (and the terms), so what two runs find is
  one alert. Elastic's own overlap of four minutes is kept. (``wrap_new_terms_alerts.ts`` of elastic/kibana)
* ``threshold``: Kibana remembers for each group up to which document it has alerted, and counts only later ones. So a
  run looks back over ``within``, the time between two runs, and a minute for a run that is late: every such span lies
  whole in some run, and no document counts for two alerts. (``get_threshold_bucket_filters.ts``)
* ``esql`` that aggregates: the id follows from the run (``generate_alert_id.ts``), so every run that finds a group
  makes an alert of it. Runs are as rare as the rule bears: a follow-up or a sign of life that is awaited for an hour is
  asked for every half hour, no more often than every quarter and no more seldom than the rule's ``quiet_for``; single
  documents are looked at without overlap.
"""

import msgspec

from shipper.rules.model import Count, Match, Rule, Silence, Unanswered
from shipper.rules.spans import parse_span

_MINUTE_MS = 60_000
_HOUR_MIN = 60
_EVERY_MIN = 5
_AGGREGATING_EVERY_MIN = 15
#: How long a document or a run may be late without being missed.
_OVERLAP_MIN = 4
_LATE_MIN = 1


class Schedule(msgspec.Struct, frozen=True):
    """When a rule runs.

    Attributes:
        interval_min: minutes from run to run.
        look_back_min: minutes before now at which a run begins to look.
    """

    interval_min: int
    look_back_min: int

    @property
    def interval(self) -> str:
        """As Kibana takes it: ``5m``."""
        return _shown(self.interval_min)

    @property
    def begin(self) -> str:
        """As Kibana takes it: ``now-9m``."""
        return f"now-{_shown(self.look_back_min)}"


def schedule(rule: Rule) -> Schedule:
    """Return when Kibana is to run a rule."""
    match rule.looks_for:
        case Count(within=within):
            return _count(_minutes(within), aggregating=bool(rule.where.outside))
        case Unanswered(within=awaited, look_back=look_back) | Silence(longer_than=awaited, look_back=look_back):
            return Schedule(_seldom(_minutes(awaited), _minutes(rule.quiet_for)), _minutes(look_back))
        case Match() if rule.where.outside:
            return Schedule(_EVERY_MIN, _EVERY_MIN)
        case _:
            return Schedule(_EVERY_MIN, _EVERY_MIN + _OVERLAP_MIN)


def _count(within_min: int, *, aggregating: bool) -> Schedule:
    interval_min = max(_AGGREGATING_EVERY_MIN, within_min // 2) if aggregating else _EVERY_MIN
    return Schedule(interval_min, within_min + interval_min + _LATE_MIN)


def _seldom(awaited_min: int, quiet_min: int) -> int:
    return max(_AGGREGATING_EVERY_MIN, min(awaited_min // 2, quiet_min))


def _minutes(span: str) -> int:
    """Return a span in whole minutes, rounded up."""
    return -(-parse_span(span) // _MINUTE_MS)


def _shown(minutes: int) -> str:
    return f"{minutes // _HOUR_MIN}h" if minutes % _HOUR_MIN == 0 else f"{minutes}m"
