"""Rules from TOML files: read, and refused with the place where something is wrong."""

import tomllib
from importlib.resources.abc import Traversable
from pathlib import Path

import msgspec

from shipper import assets
from shipper.catalog import LANGUAGES
from shipper.errors import ConfigError
from shipper.rules.checking import faults
from shipper.rules.checking_fields import Fault
from shipper.rules.model import Rule

_SUFFIX = ".toml"
_REFERENCE = "see docs/how-to/write-a-rule.md"


def load_rules(folder: Path | None = None) -> tuple[Rule, ...]:
    """Read every rule of a folder; sorted by id.

    Args:
        folder: where the ``*.toml`` are; ``None`` for those that come with the shipper.

    Raises:
        ConfigError: a file is no rule, or two are one; it names file and key, and says what to try.
    """
    place = assets.folder("dashboards") / "rules" if folder is None else folder
    files = _files(place)
    if folder is not None and not files:
        raise ConfigError("holds no rules", where=str(folder), hint="a rule is a file NAME.toml; " + _REFERENCE)
    rules = tuple(_read(file) for file in files)
    _check_names(rules, str(place))
    return tuple(sorted(rules, key=lambda rule: rule.id))


def _files(place: Traversable) -> list[Traversable]:
    try:
        found = [file for file in place.iterdir() if file.name.endswith(_SUFFIX) and file.is_file()]
    except OSError as error:
        raise ConfigError(
            f"cannot be read: {error.strerror}", where=str(place), hint="name a folder of rules"
        ) from None
    return sorted(found, key=lambda file: file.name)


def _read(file: Traversable) -> Rule:
    try:
        table = tomllib.loads(file.read_bytes().decode("utf-8-sig"))
        rule = msgspec.convert(table, Rule)
    except OSError as error:
        raise ConfigError(f"cannot be read: {error.strerror}", where=str(file), hint="check its rights") from None
    except msgspec.ValidationError as error:
        raise _refusal(file, _fault(str(error))) from None
    except (ValueError, RecursionError) as error:
        raise ConfigError(f"is not TOML: {error}", where=str(file), hint=_REFERENCE) from None
    _check_id(rule, file)
    for fault in faults(rule):
        raise _refusal(file, fault)
    return rule


def _fault(text: str) -> Fault:
    """Take apart what msgspec says of a value: ``... - at `$.looks_for.within```, or ``- at `key` in `$.text```."""
    reason, _, path = text.partition(" - at ")
    return Fault(path.partition("`$.")[2].rstrip("`"), f"{reason[:1].lower()}{reason[1:]}", _REFERENCE)


def _refusal(file: Traversable, fault: Fault) -> ConfigError:
    where = f"{file}: {fault.key}" if fault.key else str(file)
    return ConfigError(fault.reason, where=where, hint=fault.hint)


def _check_id(rule: Rule, file: Traversable) -> None:
    if file.name != rule.id + _SUFFIX:
        raise _refusal(
            file, Fault("id", f"{rule.id!r} is not the file's name", f"name it {rule.id}.toml, or change the id")
        )


def _check_names(rules: tuple[Rule, ...], place: str) -> None:
    """Two rules of one name could not be told apart in a list of alerts; ids are apart, since files are."""
    for language in LANGUAGES:
        taken: dict[str, str] = {}
        for rule in rules:
            name = rule.text[language].name
            other = taken.setdefault(name.casefold(), rule.id)
            if other != rule.id:
                raise ConfigError(
                    f"{name!r} is the name of {other}, too",
                    where=f"{place}: {rule.id}.toml: text.{language}.name",
                    hint="give one of them another name",
                )
