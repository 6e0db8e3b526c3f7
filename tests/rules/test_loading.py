from pathlib import Path

import pytest

from shipper.errors import ConfigError
from shipper.rules.loading import load_rules

SOUND = """\
id = "sound"
nature = "failure"
severity = "medium"
risk_score = 35
quiet_for = "1h"
advice_from = ["20102"]
references = ["https://example.org/a"]

[where.is]
"event.code" = ["20102", "1001"]

[looks_for]
kind = "count"
by = ["host.name"]
at_least = 3
within = "30m"

[text.en]
name = "Something failed"
why = "It matters."
first_steps = ["Look at it."]

[text.it]
name = "Qualcosa non va"
why = "È importante."
first_steps = ["Guardare."]
"""
UNANSWERED = (
    'kind = "unanswered"\nby = ["host.name"]\nwithin = "1h"\nlook_back = "2h"\nanswer = { exists = ["event.code"] }'
)
COUNT = 'kind = "count"\nby = ["host.name"]\nat_least = 3\nwithin = "30m"'


def written(folder: Path, text: str = SOUND, name: str = "sound") -> Path:
    (folder / f"{name}.toml").write_text(text, encoding="utf-8")
    return folder


def changed(old: str, new: str) -> str:
    assert old in SOUND
    return SOUND.replace(old, new)


def test_a_sound_rule_is_read_as_it_stands(tmp_path: Path) -> None:
    (rule,) = load_rules(written(tmp_path))
    assert (rule.id, rule.by, rule.where.equals) == ("sound", ("host.name",), {"event.code": ("20102", "1001")})


def test_rules_come_sorted_by_id(tmp_path: Path) -> None:
    for name in ("b", "c", "a"):
        text = changed('id = "sound"', f'id = "{name}"').replace("failed", name).replace("non va", name)
        written(tmp_path, text, name)
    assert [rule.id for rule in load_rules(tmp_path)] == ["a", "b", "c"]


def test_the_shipped_rules_are_sound() -> None:
    assert len(load_rules()) >= 30


@pytest.mark.parametrize(
    ("old", "new", "key", "reason"),
    [
        ('id = "sound"', 'id = "other"', "id", "is not the file's name"),
        ('nature = "failure"', 'nature = "trouble"', "nature", "invalid enum value"),
        ('nature = "failure"\n', "", "", "missing required field `nature`"),
        ("risk_score = 35", "risk_score = 99", "risk_score", "99 is not medium"),
        ("risk_score = 35", 'risk_score = "35"', "risk_score", "expected `int`"),
        ("risk_score = 35", "risk = 35", "", "unknown field `risk`"),
        ("risk_score = 35", "risk_score = 35\ncolour = 1", "", "unknown field `colour`"),
        ("risk_score = 35", "risk_score = 35\nversion = 0", "version", "begin with 1"),
        ('quiet_for = "1h"', 'quiet_for = "an hour"', "quiet_for", "no span"),
        ('quiet_for = "1h"', 'quiet_for = "9999d"', "quiet_for", "longer than a year"),
        ('["20102"]', '["20102", "no such code"]', "advice_from", "no such code"),
        ("https://example.org/a", "http://example.org/a", "references", "no https address"),
        ('"event.code" = [', '"event.cod" = [', "where.is.event.cod", "no field of the events"),
        ('"event.code" = [', '"event.code" = []\n"event.action" = [', "where.is.event.code", "has no value"),
        ('["20102", "1001"]', "20102", "where.is.event.code", "is no keyword"),
        ('["20102", "1001"]', '"20102"\n"event.severity" = "73"', "where.is.event.severity", "is no long"),
        (
            '["20102", "1001"]',
            '"20102"\n"intune_connector.final" = 1',
            "where.is.intune_connector.final",
            "is no boolean",
        ),
        ('"event.code" = [', '"@timestamp" = [', "where.is.@timestamp", "is a date"),
        ('"event.code" = [', '"winlog.event_data" = [', "where.is.winlog.event_data", "is flattened"),
        ('"event.code" = [', '"message" = [', "where.is.message", "is text"),
        ('"1001"]', f'"{"x" * 1025}"]', "where.is.event.code", "longer than the 1024 characters"),
        ("[looks_for]", '[where]\nexists = ["a.b"]\n[looks_for]', "where.exists", "a.b is no field"),
        ("[looks_for]", '[where.at_least]\n"event.code" = 1\n[looks_for]', "where.at_least", "is a keyword"),
        ("[looks_for]", "[[where.outside]]\nbegin = 9\nend = 9\n[looks_for]", "where.outside[0]", "begin before end"),
        ("[looks_for]", "[[where.outside]]\ndays = [0]\n[looks_for]", "where.outside[0].days", "1 (Monday)"),
        ('by = ["host.name"]', 'by = ["host.nam"]', "looks_for.by", "no field of the events"),
        ('by = ["host.name"]', 'by = ["event.id"]', "looks_for.by", "without doc values"),
        ('by = ["host.name"]', 'by = ["host.name", "host.name"]', "looks_for.by", "a field twice"),
        (
            'by = ["host.name"]',
            'by = ["host.name", "user.id", "device.id", "event.code"]',
            "looks_for.by",
            "names 4 fields",
        ),
        ("at_least = 3", "at_least = 0", "looks_for.at_least", "within 1 to 1000"),
        ("at_least = 3", 'at_least = 3\ndistinct = "related.hash"', "looks_for.distinct", "without doc values"),
        ('within = "30m"', 'within = "0s"', "looks_for.within", "no time at all"),
        ('within = "30m"', 'within = "30m"\nlonger_than = "1h"', "looks_for", "unknown field `longer_than`"),
        ('kind = "count"', 'kind = "many"', "looks_for.kind", "invalid value 'many'"),
        (COUNT, 'kind = "new"\nvalues_of = []\nnot_seen_for = "1d"', "looks_for.values_of", "is empty"),
        (COUNT, UNANSWERED.replace('"2h"', '"1h"'), "looks_for.look_back", "not longer than"),
        (COUNT, UNANSWERED.replace('"event.code"', '"x"'), "looks_for.answer.exists", "x is no field"),
        ("[text.it]", "[text.de]", "text", "invalid enum value 'de'"),
        ('why = "It matters."', 'why = " "', "text.en.why", "is empty"),
        ('name = "Something failed"', 'name = "Something failed."', "text.en.name", "without a full stop"),
        ('["Guardare."]', "[]", "text.it.first_steps", "is empty"),
        ("id =", "id = = ", "", "is not TOML"),
        (
            "[where.is]",
            '[[threat]]\ntactic_id = "TA0006"\ntactic = "x"\ntechnique_id = "T1649"\ntechnique = "y"\n[where.is]',
            "threat",
            "tells of no attack",
        ),
    ],
)
def test_a_fault_is_told_with_file_key_and_reason(tmp_path: Path, old: str, new: str, key: str, reason: str) -> None:
    with pytest.raises(ConfigError) as refused:
        load_rules(written(tmp_path, changed(old, new)))
    where = f"{tmp_path / 'sound.toml'}"
    assert str(refused.value.where) == (f"{where}: {key}" if key else where)
    assert reason in refused.value.message


def test_a_technique_must_look_like_one(tmp_path: Path) -> None:
    threat = '[[threat]]\ntactic_id = "TA6"\ntactic = "x"\ntechnique_id = "T1649"\ntechnique = "y"\n[where.is]'
    text = changed("[where.is]", threat).replace('"failure"', '"attack"')
    with pytest.raises(ConfigError, match="is no tactic"):
        load_rules(written(tmp_path, text))


def test_a_language_that_is_missing_is_told(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"text\.it: is missing"):
        load_rules(written(tmp_path, SOUND[: SOUND.index("[text.it]")]))


def test_a_nearest_field_is_offered(tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as refused:
        load_rules(written(tmp_path, changed('"event.code" =', '"event.cod" =')))
    assert refused.value.hint.startswith("did you mean event.code")


def test_labels_of_the_user_are_fields(tmp_path: Path) -> None:
    load_rules(written(tmp_path, changed('"event.code" =', '"labels.site" =')))


def test_two_rules_of_one_name_are_refused(tmp_path: Path) -> None:
    written(tmp_path)
    written(tmp_path, changed('id = "sound"', 'id = "twin"').replace("non va", "altro"), "twin")
    with pytest.raises(ConfigError, match="is the name of sound, too"):
        load_rules(tmp_path)


def test_a_folder_without_rules_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="holds no rules"):
        load_rules(tmp_path)


def test_a_folder_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="cannot be read"):
        load_rules(tmp_path / "none")
