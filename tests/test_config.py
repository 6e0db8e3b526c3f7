import os
import tempfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shipper import config
from shipper.errors import ConfigError


def written(folder: Path, text: str, mode: int = 0o600) -> Path:
    path = folder / "shipper.toml"
    path.write_text(text)
    path.chmod(mode)
    return path


def test_defaults_hold_where_nothing_is_said() -> None:
    assert config.load(None, {}, {}) == config.Config()


def test_file_environment_and_flags_override_each_other_in_this_order(tmp_path: Path) -> None:
    path = written(tmp_path, '[ship]\nworkers = 2\nto = "-"\nnamespace = "file"\n')

    loaded = config.load(path, {"SHIPPER_TO": "ndjson:env", "SHIPPER_NAMESPACE": "env"}, {"namespace": "flag"})

    assert (loaded.ship.workers, loaded.ship.to, loaded.ship.namespace) == (2, "ndjson:env", "flag")


def test_a_number_in_the_environment_is_a_number() -> None:
    assert config.load(None, {"SHIPPER_WORKERS": "3"}, {}).ship.workers == 3


@pytest.mark.parametrize("key", sorted(config.SECTION_OF))
def test_every_key_can_be_set_by_environment(key: str) -> None:
    default = getattr(getattr(config.Config(), config.SECTION_OF[key]), key)
    choices = {
        "others": "pass",
        "decoder": "reference",
        "language": "it",
        "labels": "site=north",
        "workers": "7",
        "in_flight": "7",
        "start_at": "end",
        "watch": "poll",
        "log_format": "ecs",
        "rules_scope": "all",
        "give_up_after_s": "7.5",
    }
    text = choices.get(key) or {bool: "true", int: "7777", float: "7.5", str: "word", tuple: "a,b"}[type(default)]

    loaded = config.load(None, {f"SHIPPER_{key.upper()}": text}, {})

    assert getattr(getattr(loaded, config.SECTION_OF[key]), key) != default


@pytest.mark.parametrize(
    ("text", "where", "hint"),
    [
        ("[ship]\nwrokers = 2\n", "ship.wrokers", "workers"),
        ("[ship]\nca_file = 'x'\n", "ship.ca_file", "[elasticsearch]"),
        ("[shop]\n", "shop", "ship"),
        ("ship = 3\n", "ship", "[ship]"),
        ("[ship]\nworkers = 'two'\n", "ship.workers", "docs"),
        ("[ship]\nothers = 'keep'\n", "ship.others", "docs"),
        ("[ship\n", "shipper.toml", "docs"),
    ],
)
def test_a_bad_key_is_named_with_its_path_and_a_next_step(tmp_path: Path, text: str, where: str, hint: str) -> None:
    with pytest.raises(ConfigError) as caught:
        config.load(written(tmp_path, text), {}, {})

    assert where in str(caught.value)
    assert hint in caught.value.hint
    assert caught.value.exit_code == 2


def test_an_unknown_variable_is_named_with_the_nearest_key() -> None:
    with pytest.raises(ConfigError) as caught:
        config.load(None, {"SHIPPER_NAMSPACE": "x"}, {})

    assert "SHIPPER_NAMSPACE" in str(caught.value)
    assert "namespace" in caught.value.hint


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"absent\.toml"):
        config.load(tmp_path / "absent.toml", {}, {})


@pytest.mark.skipif(os.name != "posix", reason="file modes are POSIX")
def test_a_file_with_a_secret_that_others_can_read_is_refused(tmp_path: Path) -> None:
    path = written(tmp_path, "[elasticsearch]\napi_key = 'canary'\n", mode=0o644)

    with pytest.raises(ConfigError) as caught:
        config.load(path, {}, {})

    assert "chmod 600" in caught.value.hint
    assert "canary" not in str(caught.value) + caught.value.hint


def test_a_secret_is_not_in_the_repr() -> None:
    assert "canary" not in repr(config.load(None, {"SHIPPER_API_KEY": "canary"}, {}))


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("workers", -1),
        ("namespace", "Upper"),
        ("namespace", "a-b"),
        ("in_flight", 0),
        ("batch_docs", 0),
        ("batch_bytes", 10),
        ("batch_age_s", 0),
        ("request_timeout_s", 0),
        ("give_up_after_s", -1),
        ("backfill_after_h", 0),
        ("alerts_max", 0),
        ("alerts_timeout_s", 0),
        ("lateness_s", -1),
    ],
)
def test_a_value_out_of_range_is_refused_by_name(key: str, value: object) -> None:
    with pytest.raises(ConfigError, match=key):
        config.load(None, {}, {key: value})


@given(st.text())
def test_any_file_content_gives_a_configuration_or_a_clear_error(text: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "shipper.toml"
        path.write_text(text, encoding="utf-8", errors="replace")
        try:
            config.load(path, {}, {})
        except ConfigError as error:
            place = str(error)
        else:
            place = str(path)
        assert str(path) in place


@pytest.mark.parametrize("key", sorted(config.SECTION_OF))
def test_every_key_stands_in_the_reference(key: str) -> None:
    page = Path(__file__).parent.parent / "docs" / "reference" / "configuration.md"
    assert f"`{key}`" in page.read_text(encoding="utf-8")
