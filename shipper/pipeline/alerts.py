"""Rules and outlets of a shipper, opened: what they knew is taken up again, and kept with its checkpoint."""

from collections.abc import Callable

import msgspec

from shipper.alerts import Courier, Memory, Outbox, Outlet, decode_memory, encode_memory
from shipper.alerts.memory import UnusableMemoryError
from shipper.config import Config
from shipper.ecs import EcsSettings
from shipper.errors import StateError
from shipper.pipeline.alerting import Alerting, Mail, Pace, Rulebook
from shipper.pipeline.listening import Listener
from shipper.pipeline.opening import is_elasticsearch, state_folder
from shipper.pipeline.outlets import open_outlets
from shipper.pipeline.refused import RefusedFile, undelivered
from shipper.pipeline.rulebook import choose_for_shipping, load_chosen, open_rulebook
from shipper.sinks.elasticsearch.backoff import Pacing
from shipper.state import AlertsFile, Checkpoint, CheckpointFile


class KeptAlerts(msgspec.Struct, frozen=True):
    """Rules and outlets, and the file that what they know is kept in.

    Attributes:
        alerting: at work.
        file: where it is kept; ``None`` where no state is.
    """

    alerting: Alerting
    file: AlertsFile | None

    def write(self) -> str:
        """Write what they know just now, durably; return the name that the checkpoint has to give it."""
        if self.file is None:
            return ""
        return self.file.write(encode_memory(self.alerting.memory()))

    def committed(self, name: str) -> None:
        """Note that the checkpoint names it."""
        if self.file is not None:
            self.file.committed(name)


def open_alerts(
    config: Config,
    settings: EcsSettings,
    checkpoints: CheckpointFile | None,
    known: Checkpoint | None,
    hears: Listener,
) -> KeptAlerts:
    """Return rules and outlets as the configuration names them, with what an earlier run has left.

    Args:
        config: says which.
        settings: of documents; alerts have the same agent, namespace and language.
        checkpoints: of this sink; ``None`` where no state is kept.
        known: what is known from an earlier run.
        hears: told what runs, and how it goes.

    Raises:
        ShipperError: a rule or an outlet is wrong, or what was kept cannot be read.
    """
    choice = choose_for_shipping(load_chosen(config.alerts), config.alerts.rules_scope)
    rulebook = open_rulebook(choice.run, config, settings)
    elasticsearch = config.ship.to if is_elasticsearch(config.ship.to) else ""
    outlets = open_outlets(config, elasticsearch, hears.say, hears.say)
    hears.say(f"{choice}; told: {', '.join(outlet.name for outlet in outlets)}")
    mail = open_mail(config, outlets, hears.say, keeps=checkpoints is not None)
    file = AlertsFile(checkpoints.folder, checkpoints.target, known.alerts if known else "") if checkpoints else None
    if file is not None:
        memory = _memory(file)
        if known is not None and known.rules_behind:
            hears.say("events were shipped since rules last looked: what rules knew is forgotten, they begin anew")
            memory = Memory(letters=memory.letters)
        take_up(memory, rulebook, mail, hears.say)
    return KeptAlerts(Alerting(rulebook, mail, pace(config, follows=config.ship.follow), hears), file)


def pace(config: Config, *, follows: bool) -> Pace:
    """Return how time is measured; only who follows goes by the clock."""
    lateness_ms = int(config.alerts.lateness_s * 1000)
    return Pace(lateness_ms, config.ship.drain_within_s, follows)


def open_mail(config: Config, outlets: list[Outlet], say: Callable[[str], None], *, keeps: bool) -> Mail:
    """Return an outbox for these outlets, and what carries from it."""
    outbox = Outbox([outlet.name for outlet in outlets], config.alerts.alerts_max)
    refused = RefusedFile(state_folder(config), config.ship.dead_letters_max_mb << 20)
    wait_s = Pacing().wait_s
    couriers = tuple(Courier(outbox, outlet, refused, wait_s, say) for outlet in outlets)
    return Mail(outbox, couriers, refused, keeps)


def take_up(memory: Memory, rulebook: Rulebook, mail: Mail, say: Callable[[str], None]) -> None:
    """Give rules and outbox what an earlier run has left.

    What waits for an outlet that is named no more goes to the refused alerts: nobody would ever take it.
    """
    if memory.evaluator:
        _restore(rulebook, memory.evaluator, say)
    homeless = mail.outbox.restore(memory.letters)
    if homeless:
        mail.refused.take(homeless, undelivered("its outlet is not named any more"))
        names = sorted({outlet for letter in homeless for outlet in letter.outlets})
        say(f"alerts still waited for {', '.join(names)}, not named any more: kept in {mail.refused.path}")
    if mail.outbox.waiting:
        say(f"{mail.outbox.waiting:,} alerts of an earlier run wait to be taken")


def _restore(rulebook: Rulebook, snapshot: bytes, say: Callable[[str], None]) -> None:
    """Give rules what they knew; of another version of the shipper that may be nothing, and they begin anew."""
    try:
        anew = rulebook.evaluator.restore(snapshot)
    except StateError as error:
        say(f"{error.message}: rules begin anew")
        return
    if anew:
        say(f"rules that begin anew, since nothing of this version of them was kept: {', '.join(anew)}")


def _memory(file: AlertsFile) -> Memory:
    """Return what belongs to the checkpoint; where that was forgotten, the alerts that had not been taken."""
    content = file.load()
    if content is not None:
        return decoded(content, file)
    left = file.left_behind()
    return Memory(letters=decoded(left, file).letters) if left is not None else Memory()


def decoded(content: bytes, file: AlertsFile) -> Memory:
    """Return what a file holds.

    Raises:
        StateError: it is damaged.
    """
    try:
        return decode_memory(content)
    except UnusableMemoryError as error:
        hint = "move it away: rules then begin anew, and alerts that waited are not sent"
        raise StateError(f"what rules know cannot be used: {error}", where=str(file.path()), hint=hint) from None
