"""From the configuration to the rules that run here, and what is told of those that do not."""

import time
from collections.abc import Callable, Sequence
from pathlib import Path

import msgspec

from shipper.config import Alerts, Config
from shipper.ecs import EcsSettings
from shipper.errors import ConfigError
from shipper.model import Document
from shipper.pipeline.alerting import Rulebook
from shipper.rules.alert import Alert
from shipper.rules.alert_document import alert_document
from shipper.rules.evaluator import Evaluator, EvaluatorSettings
from shipper.rules.loading import load_rules
from shipper.rules.model import Rule
from shipper.rules.seeing import Viewer


class Choice(msgspec.Struct, frozen=True):
    """Which rules run, and which do not.

    Attributes:
        run: those that do.
        wide: left out because a group of theirs may span hosts, and this shipper may see only some.
        elsewhere: left out because they read what other shippers write, too: heartbeats.
    """

    run: tuple[Rule, ...]
    wide: tuple[Rule, ...] = ()
    elsewhere: tuple[Rule, ...] = ()

    def __str__(self) -> str:
        """Say which, in a sentence without a full stop."""
        text = f"{len(self.run)} rules look at what is shipped"
        left = sorted(rule.id for rule in (*self.wide, *self.elsewhere))
        return f"{text}; left to `shipper evaluate`: {', '.join(left)}" if left else text


def load_chosen(alerts: Alerts) -> tuple[Rule, ...]:
    """Return the rules that are not switched off.

    Raises:
        ConfigError: a rule is wrong, or one is switched off that there is not.
    """
    rules = load_rules(Path(alerts.rules) if alerts.rules else None)
    unknown = set(alerts.rules_off) - {rule.id for rule in rules}
    if unknown:
        raise ConfigError(
            f"no such rule: {min(unknown)}", where="alerts.rules_off", hint="rules are named as their files"
        )
    return tuple(rule for rule in rules if rule.id not in alerts.rules_off)


def choose_for_shipping(rules: Sequence[Rule], scope: str) -> Choice:
    """Return which rules one shipper can look after: it sees its own events alone, and no heartbeats."""
    elsewhere = tuple(rule for rule in rules if rule.reads != "events")
    wide = tuple(rule for rule in rules if rule.reads == "events" and rule.wide and scope != "all")
    left = {rule.id for rule in (*elsewhere, *wide)}
    return Choice(tuple(rule for rule in rules if rule.id not in left), wide, elsewhere)


def open_rulebook(
    rules: Sequence[Rule], config: Config, settings: EcsSettings, clock: Callable[[], float] = time.time
) -> Rulebook:
    """Return rules that are ready to look.

    Args:
        rules: which.
        config: says how.
        settings: namespace, language and agent of the alerts' documents.
        clock: seconds since 1970, for ``event.created``.
    """

    def tell(alert: Alert) -> Document:
        now_ms = int(clock() * 1000)
        return alert_document(
            alert, namespace=settings.namespace, lang=settings.lang, agent=settings, created_ms=now_ms
        )

    lateness_ms = max(int(config.alerts.lateness_s * 1000), EvaluatorSettings().lateness_ms)
    evaluator = Evaluator(rules, EvaluatorSettings(lateness_ms=lateness_ms))
    return Rulebook(Viewer(rules, config.alerts.include_backfill), evaluator, tell)
