"""The incidents of the week, counted from what was planned."""

from collections import Counter
from collections.abc import Iterable, Mapping
from itertools import groupby

import msgspec

from shipper.testing.week.outline import Incident
from shipper.testing.week.servers import Planned


class Cause(msgspec.Struct, frozen=True):
    """What is known of an incident before it happens."""

    title: str
    code: str | None = None
    hresult: str | None = None


CAUSES: Mapping[str, Cause] = {
    "ca-outage": Cause("The issuing CA is down: certificates cannot be issued", "0x00000400", "0x800706BA"),
    "expired-challenge-storm": Cause("Many devices present a SCEP challenge that has expired", "0x00000411"),
    "missing-signing-certificate": Cause("The signing certificate of the registration point is gone", "0x00000409"),
    "denied-by-policy-module": Cause("The CA's policy module denies a request now and then"),
    "revocation-not-permitted": Cause("The account may not revoke certificates", "0x00000402", "0x80070005"),
    "health-upload-retried": Cause("A health message needs a second attempt"),
}


def count_incidents(planned: Iterable[Planned]) -> tuple[Incident, ...]:
    """Sum up the incidents, in the order of their first events."""
    hit = sorted((plan for plan in planned if plan.incident), key=lambda plan: (plan.incident or "", plan.time))
    incidents = [_incident(key or "", list(plans)) for key, plans in groupby(hit, key=lambda plan: plan.incident)]
    return tuple(sorted(incidents, key=lambda incident: incident.first))


def _incident(key: str, plans: list[Planned]) -> Incident:
    cause = CAUSES[key]
    return Incident(
        key=key,
        title=cause.title,
        hosts=tuple(sorted({plan.event.computer for plan in plans})),
        first=plans[0].time,
        last=plans[-1].time,
        events=dict(sorted(Counter(plan.event.event_id for plan in plans).items())),
        code=cause.code,
        hresult=cause.hresult,
    )
