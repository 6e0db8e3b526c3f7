"""A report of missed records explains the gaps that it is about, and no others."""

import pytest

from shipper.audit import Missed, MissedRecords, Range
from shipper.audit.missed import MOST_REPORTS, Reported

MINUTE_US = 60_000_000
LOG = "C:\\Windows\\System32\\winevt\\Logs\\Microsoft-Intune-CertificateConnectors%4Admin.evtx"
ADMIN = "Microsoft-Intune-CertificateConnectors/Admin"
PKI = "pki01.corp.example"


def report(first: int, last: int, *, time_us: int = 0, log: str = LOG, computer: str = PKI) -> MissedRecords:
    return MissedRecords(log, computer, first, last, time_us)


def within(reports: list[MissedRecords], first: int, last: int) -> list[tuple[int, int]]:
    return [(part.first, part.last) for part in Reported(reports).within(Range(first, last), 0, 0)]


@pytest.mark.parametrize(
    ("reports", "parts"),
    [
        ([], []),
        ([(10, 20)], [(10, 20)]),
        ([(1, 100)], [(10, 20)]),
        ([(1, 9), (21, 30)], []),
        ([(12, 13), (15, 16)], [(12, 13), (15, 16)]),
        ([(15, 16), (12, 14)], [(12, 16)]),
        ([(12, 18), (13, 14), (18, 40)], [(12, 20)]),
    ],
)
def test_the_parts_of_a_gap_that_were_reported_are_ascending_and_apart(
    reports: list[tuple[int, int]], parts: list[tuple[int, int]]
) -> None:
    assert within([report(*numbers) for numbers in reports], 10, 20) == parts


@pytest.mark.parametrize(("time_us", "explained"), [(-2, False), (-1, True), (0, True), (6, True), (7, False)])
def test_a_report_of_another_time_is_about_another_run_of_the_numbers(time_us: int, explained: bool) -> None:
    reported = Reported([report(10, 20, time_us=time_us * MINUTE_US)])
    assert bool(reported.within(Range(10, 20), 0, 5 * MINUTE_US)) is (explained and time_us <= 6)


def of(missed: Missed, computer: str, channel: str, *logs: str) -> list[Range]:
    return missed.of(computer, channel, logs).within(Range(0, 2**62), 0, 0)


def told(*, log: str = LOG, computer: str = PKI) -> Missed:
    missed = Missed()
    missed.add(report(10, 20, log=log, computer=computer), 11)
    return missed


@pytest.mark.parametrize(
    "path", ["/copies/admin.EVTX", "Admin.evtx", "Archive-Admin-2026-11-24-09-30-00-123.evtx", "D:\\x\\Admin.evtx"]
)
def test_a_report_is_about_the_channel_whose_log_is_the_input_of_the_same_name(path: str) -> None:
    missed = told(log="/logs/Admin.evtx")
    assert of(missed, PKI, "Any", path) == [Range(10, 20)]


def test_a_report_is_about_the_channel_that_windows_names_the_log_after() -> None:
    assert of(told(), PKI, ADMIN) == [Range(10, 20)]
    assert of(told(), PKI, ADMIN.replace("Admin", "Operational")) == []


def test_another_computer_has_other_numbers() -> None:
    assert of(told(), "pki02.corp.example", ADMIN) == []
    assert of(told(), "pki02.corp.example", ADMIN, LOG) == []


def test_a_report_without_a_computer_is_about_the_one_whose_log_it_is() -> None:
    assert of(told(computer=""), PKI, ADMIN, LOG) == [Range(10, 20)]
    assert of(told(computer=""), PKI, ADMIN) == []


def test_a_report_without_numbers_is_counted_and_explains_nothing() -> None:
    missed = Missed()
    missed.add(report(-1, -1), None)
    missed.add(report(-1, -1), 5)
    assert (missed.records, missed.uncounted) == (5, 1)
    assert of(missed, PKI, ADMIN) == []


def test_reports_beyond_the_most_are_counted_and_explain_nothing() -> None:
    missed = Missed()
    for number in range(MOST_REPORTS + 10):
        missed.add(report(2 * number, 2 * number), 1)
    assert missed.records == MOST_REPORTS + 10
    assert len(of(missed, PKI, ADMIN)) == MOST_REPORTS
