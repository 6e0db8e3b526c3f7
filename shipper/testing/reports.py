"""For tests of the report: what it finds in some inputs, and documents made by hand. Synthetic."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from shipper import config
from shipper.pipeline import Recipe, run
from shipper.pipeline.opening import ecs_settings, open_rejections, open_sink, open_source
from shipper.pipeline.reporting import Asked, Listening, find
from shipper.report import Findings, Period
from shipper.rules.model import Rule

#: When the documents made by hand begin.
MONDAY_MS = int(datetime(2026, 11, 23, 8, tzinfo=UTC).timestamp() * 1000)
HOUR_MS = 3_600_000

_ALL_TIME = Period()


def look(*inputs: str, rules: tuple[Rule, ...] = (), period: Period = _ALL_TIME, **flags: object) -> Findings:
    """Return what the report finds in some inputs; ``flags`` are keys of the configuration."""
    settings = config.load(None, {}, {"to": "-", **flags})
    return find(settings, Asked(inputs, period, rules), Listening(lambda *_: None, lambda: None))


def document(number: int, **told: Any) -> dict[str, Any]:
    """Return a synthetic document: the last word on a PKCS request that failed, one an hour; ``told`` goes above it."""
    time = datetime.fromtimestamp((MONDAY_MS + number * HOUR_MS) / 1000, UTC).isoformat().replace("+00:00", "Z")
    plain: dict[str, Any] = {
        "@timestamp": time,
        "event": {
            "dataset": "intune_connector.events",
            "id": f"document-{number:07}",
            "code": "1001",
            "action": "pkcs-request",
            "outcome": "failure",
            "sequence": number + 1,
        },
        "host": {"name": "pki01.corp.example"},
        "winlog": {"channel": "Microsoft-Intune-CertificateConnectors/Admin"},
        "error": {"code": "0x800706BA"},
        "device": {"id": f"device-{number % 5}"},
        "user": {"id": f"user-{number % 3}"},
        "intune_connector": {
            "schema": "unified",
            "operation": "pkcs",
            "stage": "request",
            "final": True,
            "counts_as": "request",
        },
    }
    return _merged(plain, told)


def _merged(below: Mapping[str, Any], above: Mapping[str, Any]) -> dict[str, Any]:
    merged = dict(below)
    for name, value in above.items():
        merged[name] = _merged(below.get(name, {}), value) if isinstance(value, dict) else value
    return merged


class _Silent:
    """Hears of a run and says nothing."""

    def problem(self, problem: object) -> None:
        """Say nothing."""

    def notice(self, notice: object) -> None:
        """Say nothing."""

    def advanced(self, size_bytes: int, counts: object) -> None:
        """Say nothing."""


def ship(inputs: Sequence[str], to: str, state: Path, namespace: str = "default") -> None:
    """Ship logs, as ``shipper ship`` does."""
    flags = {"inputs": tuple(inputs), "to": to, "namespace": namespace, "state": str(state)}
    settings = config.load(None, {}, flags)
    sink = open_sink(settings, lambda _: None)
    with open_rejections(settings) as rejections:
        run(Recipe(open_source(settings), ecs_settings(settings)), sink, rejections, _Silent())
    sink.close(complete=True)
