"""``shipper setup`` with Kibana and Elasticsearch, its list, its files."""

import json
from pathlib import Path

import pytest

from shipper.cli import main
from shipper.testing.engine import Access
from shipper.testing.kibana import StandIn
from shipper.testing.kibana.ran import Setup
from shipper.testing.kibana.release import OBJECTS, RULES


def test_it_says_a_line_for_each_object_and_how_many_there_were(kibana: StandIn, setup: Setup) -> None:
    ran = setup(as_json=False)
    shown = ran.out.splitlines()
    assert ran.err == ""
    assert len(shown) == len(OBJECTS) + len(RULES) + 2
    assert "+ created     data view          intune-connector-events" in shown
    assert shown[-2] == f"{kibana.url}: {len(OBJECTS) + len(RULES)} created"
    assert shown[-1].startswith(f"{len(RULES)} new rules are disabled")


def test_where_the_rules_run_it_does_not_say_that_they_are_disabled(setup: Setup) -> None:
    assert "disabled" not in setup("--enable-rules", as_json=False).out


def test_kibana_alone_needs_no_elasticsearch(setup: Setup) -> None:
    assert setup().code == 0


def test_both_are_installed_by_one_command(kibana: StandIn, setup: Setup, elasticsearch_url: str) -> None:
    ran = setup("--to", elasticsearch_url, "--yes")
    assert ran.code == 0
    assert ran.results["intune-connector-overview"] == "created"
    assert "logs-intune_connector.events" in ran.results
    template = "/_index_template/logs-intune_connector.events"
    assert Access(elasticsearch_url).request("GET", template)[0] == 200
    assert len(kibana.objects.of("default")) == len(OBJECTS)


def test_a_slip_about_kibana_is_found_before_elasticsearch_is_touched(
    setup: Setup, capsys: pytest.CaptureFixture[str]
) -> None:
    ran = setup("--to", "http://127.0.0.1:1", url="kibana")
    assert (ran.code, "is no URL of a Kibana" in ran.err) == (2, True)
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize("flags", [["--enable-rules"], ["--overwrite"], ["--space", "soc"], ["--from", "x"]])
def test_a_flag_of_kibana_without_kibana_is_bad_usage(flags: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["setup", "--to", "http://127.0.0.1:1", *flags]) == 2
    assert "--kibana" in capsys.readouterr().err


def test_a_folder_without_the_files_is_bad_usage(setup: Setup, tmp_path: Path) -> None:
    ran = setup(files=tmp_path / "nowhere")
    assert ran.code == 2
    assert "cannot be read" in ran.err


def test_a_file_that_holds_something_else_is_bad_usage(setup: Setup, release: Path) -> None:
    (release / "intune-connector.ndjson").write_text('{"type": "dashboard"}\n')
    ran = setup(files=release)
    assert ran.code == 2
    assert "is no file of Kibana objects" in ran.err


@pytest.fixture
def exported(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Path:
    """The folder that ``--export`` wrote."""
    folder = tmp_path / "exported"
    assert main(["setup", "--export", str(folder)]) == 0
    assert str(folder / "dashboards" / "intune-connector.ndjson") in capsys.readouterr().out
    return folder


def test_all_files_are_written_into_a_folder(exported: Path) -> None:
    root = Path(__file__).parents[3]
    for name in ("mappings", "dashboards"):
        ours = {file.relative_to(root) for file in (root / name).rglob("*") if file.is_file() and file.name[0] != "."}
        assert ours == {file.relative_to(exported) for file in (exported / name).rglob("*") if file.is_file()}


def test_files_that_were_edited_are_not_written_over_unless_asked(
    exported: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    edited, missing = exported / "dashboards/intune-connector.ndjson", exported / "dashboards/rules/kibana.ndjson"
    ours = edited.read_bytes()
    edited.write_text("edited")
    missing.unlink()
    assert main(["setup", "--export", str(exported)]) == 2
    told = capsys.readouterr().err
    assert "dashboards/intune-connector.ndjson" in told
    assert "--overwrite" in told
    assert (edited.read_text(), missing.exists()) == ("edited", False)
    assert main(["setup", "--export", str(exported), "--overwrite"]) == 0
    assert (edited.read_bytes(), missing.exists()) == (ours, True)


def test_files_as_they_were_written_are_written_again(exported: Path) -> None:
    assert main(["setup", "--export", str(exported)]) == 0


@pytest.mark.parametrize(
    "flags",
    [
        ["--kibana", "http://127.0.0.1:1", "--enable-rules", "--no-rules"],
        ["--export", "{folder}", "--kibana", "http://127.0.0.1:1"],
    ],
)
def test_flags_that_contradict_each_other_are_bad_usage(
    flags: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "files"
    assert main(["setup", *(flag.format(folder=folder) for flag in flags)]) == 2
    assert flags[-1 if "--no-rules" in flags else -2] in capsys.readouterr().err
    assert not folder.exists()


def test_what_was_written_is_what_setup_installs(
    kibana: StandIn, setup: Setup, exported: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["setup", "--kibana", kibana.url]) == 0
    assert "failed" not in capsys.readouterr().out.rpartition(kibana.url)[2]
    assert set(setup(files=exported).results.values()) == {"unchanged"}


@pytest.mark.parametrize("version", ["8.12.2", "9.1.0"])
def test_setup_knows_again_what_was_imported_by_hand(
    version: str, exported: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    objects, rules = (
        [json.loads(line) for line in (exported / "dashboards" / name).read_text(encoding="utf-8").splitlines()]
        for name in ("intune-connector.ndjson", "rules/kibana.ndjson")
    )
    with StandIn(version=version) as kibana:
        kibana.objects.take("default", objects, overwrite=True)
        kibana.rules.take("default", rules, overwrite=True)
        capsys.readouterr()
        assert main(["setup", "--kibana", kibana.url, "--json"]) == 0
        results = {one["result"] for one in json.loads(capsys.readouterr().out)["objects"]}
        assert results == {"unchanged"}


@pytest.mark.parametrize("version", ["8.12.2", "9.1.0"])
def test_the_real_files_are_installed_found_again_and_removed_by_an_empty_release(
    version: str, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    from shipper.testing.kibana.release import TAG, write

    empty = write(tmp_path / "empty", [TAG], [])
    with StandIn(version=version) as kibana:
        for words, expected in (
            ([], {"created"}),
            ([], {"unchanged"}),
            (["--from", str(empty)], {"removed", "kept"}),  # the tag says something else there, and stays
        ):
            assert main(["setup", "--kibana", kibana.url, "--json", *words]) == 0
            results = {one["name"]: one["result"] for one in json.loads(capsys.readouterr().out)["objects"]}
            assert set(results.values()) == expected
        assert kibana.objects.of("default").keys() == {("tag", "intune-connector")}
        assert kibana.rules.of("default") == {}


def test_every_real_rule_has_the_tag_by_which_setup_finds_it_again() -> None:
    from shipper.kibana.install import packed
    from shipper.kibana.install.rules import TAG

    for rule in packed().rules:
        assert TAG in rule["tags"]
        assert rule["enabled"] is False
