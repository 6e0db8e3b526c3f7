"""The rules look at the rows of a report, in this process or in several: each takes some of the rules."""

import multiprocessing
import pickle
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

from shipper.pipeline.children import begin_child, explained
from shipper.report import Store
from shipper.report.alerts import Alerts, merged, raise_alerts
from shipper.report.sifter import names_seen
from shipper.report.store import Answers
from shipper.rules.alert import Alert
from shipper.rules.model import Rule

#: Where there are fewer events than this, starting a process takes longer than it saves.
_WORTH_IT = 50_000


def judge(
    store: Store,
    rules: Sequence[Rule],
    end_ms: int,
    *,
    events: int,
    workers: int,
    hear: Callable[[Alert], None] | None,
) -> Alerts:
    """Return what the rules raise.

    Args:
        store: settled.
        rules: which look.
        end_ms: up to when silence is judged.
        events: how many there are.
        workers: processes; one alone where somebody hears each alert.
        hear: gets each alert, in the order of time.
    """
    names = names_seen(rules)
    if hear is not None:
        return raise_alerts(store, rules, end_ms, names, hear)
    if workers <= 1 or events < _WORTH_IT:
        return raise_alerts(store, rules, end_ms, names)
    # Kinds of rules cost unlike: dealt out by kind, each process gets some of each.
    dealt = sorted(rules, key=lambda rule: (type(rule.looks_for).__name__, rule.id))
    shares = [dealt[number::workers] for number in range(min(workers, len(dealt)))]
    context = multiprocessing.get_context("spawn")
    with explained(), ProcessPoolExecutor(len(shares), mp_context=context, initializer=begin_child) as pool:
        parts = [pool.submit(_judge_share, store.path, share, end_ms, names) for share in shares]
        return merged([pickle.loads(part.result()) for part in parts])  # noqa: S301 (from a child of our own)


def _judge_share(path: Path, rules: Sequence[Rule], end_ms: int, names: tuple[str, ...]) -> bytes:
    return pickle.dumps(raise_alerts(Answers(path), rules, end_ms, names))
