"""What ``shipper setup --kibana`` does with detection rules."""

from pathlib import Path

import pytest

from shipper.testing.kibana import StandIn
from shipper.testing.kibana.ran import Setup
from shipper.testing.kibana.release import RULES, esql_rule, rule, write

ISSUE = "intune-connector-issue-failed"
QUIET = "intune-connector-quiet"
#: Rules that users make have such a name.
MINE = "2bcf9a93-148c-4f21-89af-c6152919c211"


@pytest.fixture
def later(tmp_path: Path) -> Path:
    """A release whose first rule asks for something else, without its note."""
    changed = {key: value for key, value in rule(query="event.code : 1").items() if key != "note"}
    return write(tmp_path / "later", rules=[changed, *RULES[1:]])


def test_new_rules_do_not_run(kibana: StandIn, setup: Setup) -> None:
    ran = setup()
    assert ran.code == 0
    assert kibana.rules.of("default").keys() == {one["rule_id"] for one in RULES}
    assert not any(one["enabled"] for one in kibana.rules.of("default").values())


def test_new_rules_do_not_run_even_where_the_file_forgets_to_say_so(
    kibana: StandIn, setup: Setup, tmp_path: Path
) -> None:
    silent = {key: value for key, value in rule().items() if key != "enabled"}
    setup(files=write(tmp_path / "silent", rules=[silent]))
    assert kibana.rules.of("default")[ISSUE]["enabled"] is False


def test_new_rules_run_where_that_is_asked_for(kibana: StandIn, setup: Setup) -> None:
    setup("--enable-rules")
    assert all(one["enabled"] for one in kibana.rules.of("default").values())


def test_a_rule_that_somebody_disabled_stays_so(kibana: StandIn, setup: Setup, later: Path) -> None:
    setup("--enable-rules")
    kibana.rules.of("default")[ISSUE]["enabled"] = False
    assert setup("--enable-rules", files=later).results[ISSUE] == "updated"
    assert kibana.rules.of("default")[ISSUE]["enabled"] is False


def test_rules_are_left_out_where_that_is_asked_for(kibana: StandIn, setup: Setup) -> None:
    setup("--no-rules")
    assert kibana.rules.of("default") == {}


def test_run_again_it_changes_nothing(kibana: StandIn, setup: Setup) -> None:
    setup()
    before = len(kibana.writes())
    assert set(setup().results.values()) == {"unchanged"}
    assert len(kibana.writes()) == before


def test_a_later_release_updates_what_nobody_changed(kibana: StandIn, setup: Setup, later: Path) -> None:
    setup()
    ran = setup(files=later)
    assert (ran.results[ISSUE], ran.results[QUIET]) == ("updated", "unchanged")
    assert kibana.rules.of("default")[ISSUE]["query"] == "event.code : 1"
    assert setup(files=later).results[ISSUE] == "unchanged"


def test_what_a_later_release_drops_is_gone(kibana: StandIn, setup: Setup, later: Path) -> None:
    setup()
    setup(files=later)
    assert kibana.rules.of("default")[ISSUE]["note"] == ""


def test_an_enabled_rule_with_exceptions_and_actions_keeps_them(kibana: StandIn, setup: Setup, later: Path) -> None:
    setup()
    mine = {"enabled": True, "exceptions_list": [{"list_id": "lab", "id": "1"}], "actions": [{"id": "mail"}]}
    kibana.rules.of("default")[ISSUE].update(mine)
    assert setup(files=later).results[ISSUE] == "updated"
    there = kibana.rules.of("default")[ISSUE]
    assert {key: there[key] for key in mine} == mine


def test_a_rule_that_was_edited_is_kept(kibana: StandIn, setup: Setup, later: Path) -> None:
    setup()
    kibana.rules.edit("default", ISSUE, query="mine : 1")
    ran = setup(files=later)
    assert (ran.code, ran.results[ISSUE]) == (0, "kept")
    assert kibana.rules.of("default")[ISSUE]["query"] == "mine : 1"


def test_a_rule_that_was_changed_through_the_api_is_kept(kibana: StandIn, setup: Setup, later: Path) -> None:
    setup()
    kibana.rules.patch("default", {"rule_id": ISSUE, "interval": "1h"})
    ran = setup(files=later)
    assert ran.results[ISSUE] == "kept"
    assert "somebody changed it" in ran.detail(ISSUE)


def test_overwrite_puts_ours_in_the_place_of_an_edited_rule(kibana: StandIn, setup: Setup, later: Path) -> None:
    setup()
    kibana.rules.edit("default", ISSUE, query="mine : 1", rule_name_override="host.name")
    assert setup("--overwrite", files=later).results[ISSUE] == "overwritten"
    assert "rule_name_override" not in kibana.rules.of("default")[ISSUE]
    assert setup(files=later).results[ISSUE] == "unchanged"


def test_a_rule_that_becomes_one_of_another_type_keeps_what_is_the_user_s(
    kibana: StandIn, setup: Setup, tmp_path: Path
) -> None:
    setup()
    kibana.rules.exception_lists.add("lab")
    kibana.rules.of("default")[ISSUE].update(enabled=True, exceptions_list=[{"list_id": "lab", "id": "1"}])
    ran = setup(files=write(tmp_path / "later", rules=[esql_rule("issue-failed"), *RULES[1:]]))
    there = kibana.rules.of("default")[ISSUE]
    assert (ran.results[ISSUE], there["type"], there["enabled"]) == ("updated", "esql", True)
    assert [one["list_id"] for one in there["exceptions_list"]] == ["lab"]


def test_rules_imported_by_hand_from_our_files_are_unchanged(kibana: StandIn, setup: Setup) -> None:
    kibana.rules.take("default", RULES, overwrite=False)
    results = setup().results
    assert {results[one["rule_id"]] for one in RULES} == {"unchanged"}


def test_a_rule_of_an_earlier_release_is_removed(kibana: StandIn, setup: Setup, tmp_path: Path) -> None:
    setup("--enable-rules", files=write(tmp_path / "earlier", rules=[*RULES, rule("old")]))
    ran = setup()
    assert ran.results["intune-connector-old"] == "removed"
    assert "it was enabled" in ran.detail("intune-connector-old")
    assert "intune-connector-old" not in kibana.rules.of("default")


def test_an_edited_rule_of_an_earlier_release_is_kept(kibana: StandIn, setup: Setup, tmp_path: Path) -> None:
    setup(files=write(tmp_path / "earlier", rules=[*RULES, rule("old")]))
    kibana.rules.edit("default", "intune-connector-old", query="mine : 1")
    assert setup("--overwrite").results["intune-connector-old"] == "kept"


def test_a_rule_that_a_user_made_with_our_tag_is_left_alone(kibana: StandIn, setup: Setup) -> None:
    setup()
    kibana.rules.take("default", [{**rule(), "rule_id": MINE}], overwrite=False)
    assert MINE not in setup("--overwrite").results
    assert MINE in kibana.rules.of("default")


def test_a_rule_that_lost_its_tag_is_found_by_its_name(kibana: StandIn, setup: Setup) -> None:
    setup()
    kibana.rules.patch("default", {"rule_id": ISSUE, "tags": []})
    assert setup().results[ISSUE] == "kept"


def test_more_rules_than_a_page_holds_are_all_found(setup: Setup, tmp_path: Path) -> None:
    many = [rule(f"of-many-{number}") for number in range(501)]
    setup(files=write(tmp_path / "earlier", rules=many))
    assert list(setup().results.values()).count("removed") == 501


def test_a_rule_that_kibana_refuses_does_not_keep_the_others_away(setup: Setup, tmp_path: Path) -> None:
    ran = setup(files=write(tmp_path / "bad", rules=[*RULES, rule("risky", risk_score=101)]))
    assert (ran.code, ran.results["intune-connector-risky"], ran.results[ISSUE]) == (1, "failed", "created")
    assert "risk_score" in ran.detail("intune-connector-risky")
    assert "(400)" in ran.detail("intune-connector-risky")


def test_a_refused_update_is_said(kibana: StandIn, setup: Setup, tmp_path: Path) -> None:
    setup()
    ran = setup(files=write(tmp_path / "bad", rules=[rule(interval="5 minutes"), *RULES[1:]]))
    assert (ran.code, ran.results[ISSUE]) == (1, "failed")
    assert kibana.rules.of("default")[ISSUE]["interval"] == "5m"


def test_each_space_has_rules_of_its_own(setup: Setup) -> None:
    with StandIn(spaces=("default", "soc")) as kibana:
        setup(url=kibana.url)
        assert setup("--space", "soc", "--enable-rules", url=kibana.url).results[ISSUE] == "created"
        assert kibana.rules.of("soc")[ISSUE]["enabled"] is True
        assert kibana.rules.of("default")[ISSUE]["enabled"] is False
