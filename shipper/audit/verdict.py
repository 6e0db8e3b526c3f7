"""What the balance proves, in one sentence."""

import msgspec

from shipper.audit.at_source import SourceAccount
from shipper.audit.in_elasticsearch import StreamAccount
from shipper.audit.report import Report


class Verdict(msgspec.Struct, frozen=True):
    """Whether the proof succeeds, and what it says."""

    complete: bool
    sentence: str


def judge(
    report: Report, source: SourceAccount, stream: StreamAccount, where: str, at: str, *, accept_gaps: bool
) -> Verdict:
    """Return the verdict.

    What the shipper reported as missed is explained, and no fault; the verdict says so.

    Args:
        report: the balance.
        source: what else the inputs hold.
        stream: what else Elasticsearch holds.
        where: data stream and server.
        at: when Elasticsearch was asked, RFC 3339.
        accept_gaps: gaps are there by nature, as in a filtered subscription.
    """
    told = _told(report, stream)
    faults = _faults(report, source, accept_gaps=accept_gaps)
    if faults:
        return Verdict(False, f"Not proven at {at}: {', '.join(faults)} ({where}).{told}")
    if not report.at_source:
        nothing = "the inputs hold no event of these channels and times"
        return Verdict(False, f"Nothing was proven at {at}: {nothing}.{told}")
    return Verdict(True, f"Proven at {at}: {_proof(report, where)}.{told}")


def _faults(report: Report, source: SourceAccount, *, accept_gaps: bool) -> list[str]:
    gaps = 0 if accept_gaps else report.gaps
    counts = (
        (report.missing, f"{report.missing:,} missing"),
        (report.duplicates, f"{report.duplicates:,} too many (duplicates)"),
        (gaps, f"{_counted(gaps, 'record id')} that nobody has (gaps)"),
        (source.unreadable, f"{source.unreadable:,} unreadable"),
        (source.uncounted, f"{_counted(source.uncounted, 'place')} damaged with unknown loss"),
    )
    return [told for count, told in counts if count]


def _proof(report: Report, where: str) -> str:
    computers = len({row.computer for row in report.rows if row.at_source.events})
    found = f"all {_counted(report.at_source, 'event')} of {_counted(computers, 'computer')} in the inputs"
    if report.dead_letters:
        found += f" but {report.dead_letters:,}, which are kept as dead letters,"
    found += f" are in {where}, each once"
    if report.gaps:
        return f"{found}; {_counted(report.gaps, 'record id')} in gaps were accepted"
    return f"{found}, without a gap in the record ids{' but those reported' if report.reported else ''}"


def _told(report: Report, stream: StreamAccount) -> str:
    """Say what the shipper reported; what of it explains no gap stood before the first event, or behind a last one."""
    explained = f" ({_counted(report.reported, 'record id')} that nobody has)" if report.reported else ""
    parts = (
        (stream.missed, "record", f" overwritten or removed unread{explained}"),
        (stream.missed_uncounted, "time", " an unknown number of them"),
        (stream.cleared, "time", " a log cleared or replaced"),
    )
    told = [f"{_counted(count, noun)}{what}" for count, noun, what in parts if count]
    return f" The shipper itself reported: {', '.join(told)}." if told else ""


def _counted(count: int, noun: str) -> str:
    return f"{count:,} {noun}{'s'[: count != 1]}"
