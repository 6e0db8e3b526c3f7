"""One event of the connector, in the form its channel would have it. Synthetic: see the package's docstring."""

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from uuid import NAMESPACE_DNS, uuid5

import msgspec

from shipper.testing.connector.dice import Dice
from shipper.testing.evtx_writer import EventSpec

#: What one request, or one thing that happens to a server, leaves in the log: (host, time, chance) to events.
Flow = Callable[[str, datetime, Dice], Iterator[EventSpec]]

LEGACY_CHANNEL = "Microsoft Intune Connector"
#: Invented: the source name of the legacy log is not public.
LEGACY_PROVIDER = "Microsoft Intune Connector"
UNIFIED_PROVIDER = "Microsoft-Intune-CertificateConnectors"
#: Invented: the provider's GUID is not public.
UNIFIED_GUID = "{c0ffee00-1a2b-4c3d-8e4f-5a6b7c8d9e0f}"
ADMIN_CHANNEL = f"{UNIFIED_PROVIDER}/Admin"
OPERATIONAL_CHANNEL = f"{UNIFIED_PROVIDER}/Operational"

SERVICE_ACCOUNT = "S-1-5-21-3623811015-3361044348-30300820-1613"

#: https://github.com/MicrosoftDocs/memdocs, troubleshoot-certificate-connector-events.md
LEGACY_NAMES = {
    10010: "StartedConnectorService",
    10020: "StoppedConnectorService",
    10100: "CertificateRenewal_Success",
    10102: "CertificateRenewal_Failure",
    10301: "RetrieveCertificate_Warning",
    10302: "RetrieveCertificate_Error",
    20100: "PkcsCertIssue_Success",
    20102: "PkcsCertIssue_Failure",
    20200: "RevokeCert_Success",
    20202: "RevokeCert_Failure",
    20300: "Upload_Success",
    20302: "Upload_Failure",
    20400: "Download_Success",
    20402: "Download_Failure",
    20500: "CRPVerifyMetric_Success",
    20501: "CRPVerifyMetric_Warning",
    20502: "CRPVerifyMetric_Failure",
    20600: "CRPNotifyMetric_Success",
    20602: "CRPNotifyMetric_Failure",
}
#: https://github.com/MicrosoftDocs/memdocs, certificate-connector-overview.md
ADMIN_IDS = frozenset({1000, 1001, 1200, 1201, 2000, 2001, 3000, 3001, 4000, 4001, 4002})
_WARNINGS = "1051 2051 3052 4009 5001"
_ERRORS = (
    "1001 1003 1052 1101 1201 1203 1252 1253 1301 2001 2052 2101 2203 3001 3003 3051 3101 4001 4002 4005 4007 4010 5002"
)
#: Levels of the unified ids that are not information.
UNIFIED_LEVELS = {int(text): level for level, ids in ((3, _WARNINGS), (2, _ERRORS)) for text in ids.split()}
_LEGACY_LEVELS = {0: 4, 1: 3, 2: 2}

SUCCESS = "0x00000000"


def legacy_event(
    host: str,
    event_id: int,
    time: datetime,
    dimensions: Iterable[tuple[str, str]],
    *,
    code: str = SUCCESS,
    texts: tuple[str, ...] = (),
) -> EventSpec:
    """Make an event of the legacy log: one unnamed string, a JSON object.

    Args:
        host: FQDN of the connector server.
        event_id: one of the 19.
        time: aware.
        dimensions: what the event says of its request.
        code: the diagnostic code as text.
        texts: message and then the messages of its exceptions, outermost first.
    """
    fields = {
        **dict(dimensions),
        "InstanceId": str(uuid5(NAMESPACE_DNS, host)),
        "DiagnosticCode": code,
        "DiagnosticText": _chain(code, texts),
    }
    metric = {"Metric": {"Dimensions": fields, "Name": LEGACY_NAMES[event_id], "Value": 0}}
    return EventSpec(
        provider=LEGACY_PROVIDER,
        event_id=event_id,
        channel=LEGACY_CHANNEL,
        computer=host,
        time=time,
        data=((None, msgspec.json.encode(metric).decode()),),
        qualifiers=0,
        level=_LEGACY_LEVELS[event_id % 10],
    )


def unified_event(
    host: str,
    event_id: int,
    time: datetime,
    data: tuple[tuple[str, str], ...],
    *,
    activity_id: str | None = None,
) -> EventSpec:
    """Make an event of the unified channels: named fields.

    Args:
        host: FQDN of the connector server.
        event_id: decides channel and level.
        time: aware.
        data: (name, value).
        activity_id: what ties the events of one request together.
    """
    return EventSpec(
        provider=UNIFIED_PROVIDER,
        event_id=event_id,
        channel=ADMIN_CHANNEL if event_id in ADMIN_IDS else OPERATIONAL_CHANNEL,
        computer=host,
        time=time,
        data=data,
        provider_guid=UNIFIED_GUID,
        version=0,
        level=UNIFIED_LEVELS.get(event_id, 4),
        task=event_id,
        opcode=0,
        keywords=0x8000000000000000 if event_id in ADMIN_IDS else 0x4000000000000000,
        activity_id=activity_id,
        process_id=3476,
        thread_id=17,
        user_sid=SERVICE_ACCOUNT,
    )


def _chain(code: str, texts: tuple[str, ...]) -> str:
    """Write message and exceptions the way the sibling connector's documented sample does."""
    if not texts:
        return ""
    message, *inner = texts
    exceptions = (f"DiagnosticException: {code}. {message}", *inner)
    return " ".join((message, *(f'[Exception Message: "{text}"]' for text in exceptions)))
