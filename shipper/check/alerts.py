"""Rules and outlets of alerts: whether they are right; nothing is sent to anybody."""

from shipper.check.finding import Finding, Findings, failure
from shipper.config import Config
from shipper.errors import ShipperError
from shipper.pipeline.opening import is_elasticsearch
from shipper.pipeline.outlets import open_outlets
from shipper.pipeline.rulebook import choose_for_shipping, load_chosen


def examine(settings: Config) -> Findings:
    """Yield what there is to say of rules and outlets; nothing where no outlet is named."""
    alerts = settings.alerts
    if not alerts.alerts_to:
        return
    try:
        choice = choose_for_shipping(load_chosen(alerts), alerts.rules_scope)
        outlets = open_outlets(
            settings, settings.ship.to if is_elasticsearch(settings.ship.to) else "", _silent, _silent
        )
    except ShipperError as error:
        yield failure(error)
        return
    yield Finding("ok", str(choice), alerts.rules or "the rules that come with the shipper")
    for outlet in outlets:
        yield Finding("ok", "alerts are told there; whether it takes them was not tried", outlet.name)
    yield from _unsigned(settings)


def _unsigned(settings: Config) -> Findings:
    alerts = settings.alerts
    is_unsigned = not alerts.webhook_secret and not alerts.webhook_secret_file
    if is_unsigned and any(one.startswith("webhook:") for one in alerts.alerts_to):
        yield Finding(
            "note",
            "alerts to webhooks are not signed: whoever knows the address can send some",
            "alerts.webhook_secret_file",
            "name a file with a secret that the receiver has, too",
        )


def _silent(_text: str) -> None:
    """Tell nobody."""
