"""What ``shipper setup --kibana`` does with data views, saved searches and dashboards."""

from pathlib import Path

import pytest

from shipper.testing.kibana import StandIn
from shipper.testing.kibana.ran import Setup
from shipper.testing.kibana.release import OBJECTS, TAG, dashboard, data_view, search, write

OVERVIEW = "intune-connector-overview"
SEARCH = "intune-connector-search-failures"
EVENTS = "intune-connector-events"


@pytest.fixture
def later(tmp_path: Path) -> Path:
    """A release whose dashboard and search say something else, without the data view of alerts."""
    return write(tmp_path / "later", [TAG, data_view(), search("All failures"), dashboard(title="All at a glance")])


def test_everything_is_created_where_nothing_is(kibana: StandIn, setup: Setup) -> None:
    ran = setup()
    assert ran.code == 0
    assert set(ran.results.values()) == {"created"}
    assert kibana.objects.of("default").keys() == {(one["type"], one["id"]) for one in OBJECTS}


def test_what_is_installed_says_what_the_file_says(kibana: StandIn, setup: Setup) -> None:
    setup()
    for one in OBJECTS:
        there = kibana.objects.of("default")[one["type"], one["id"]]
        assert there["attributes"] == one["attributes"]
        assert [reference for reference in one["references"] if reference not in there["references"]] == []


@pytest.mark.parametrize("version", ["8.12.2", "9.1.0"])
def test_run_again_it_changes_nothing(version: str, setup: Setup) -> None:
    with StandIn(version=version) as kibana:
        setup(url=kibana.url)
        before = len(kibana.writes())
        ran = setup(url=kibana.url)
        assert set(ran.results.values()) == {"unchanged"}
        assert len(kibana.writes()) == before


@pytest.mark.parametrize("version", ["8.12.2", "9.1.0"])
def test_a_later_release_updates_what_nobody_changed(version: str, setup: Setup, later: Path) -> None:
    with StandIn(version=version) as kibana:
        setup(url=kibana.url)
        ran = setup(url=kibana.url, files=later)
        assert (ran.results[OVERVIEW], ran.results[SEARCH], ran.results[EVENTS]) == ("updated", "updated", "unchanged")
        attributes = kibana.objects.of("default")["dashboard", OVERVIEW]["attributes"]
        assert attributes["title"] == "All at a glance"


@pytest.mark.parametrize("version", ["8.12.2", "9.1.0"])
def test_what_was_saved_in_the_editor_is_kept(version: str, setup: Setup, later: Path) -> None:
    with StandIn(version=version) as kibana:
        setup(url=kibana.url)
        kibana.objects.save_in_editor("dashboard", OVERVIEW, title="Mine")
        ran = setup(url=kibana.url, files=later)
        assert (ran.code, ran.results[OVERVIEW]) == (0, "kept")
        assert "--overwrite" in ran.detail(OVERVIEW)
        assert kibana.objects.of("default")["dashboard", OVERVIEW]["attributes"]["title"] == "Mine"


@pytest.mark.parametrize("version", ["8.12.2", "9.1.0"])
def test_what_was_renamed_is_kept(version: str, setup: Setup, later: Path) -> None:
    with StandIn(version=version) as kibana:
        setup(url=kibana.url)
        kibana.objects.change("search", SEARCH, title="Mine")
        ran = setup(url=kibana.url, files=later)
        assert ran.results[SEARCH] == "kept"
        assert kibana.objects.of("default")["search", SEARCH]["attributes"]["title"] == "Mine"


def test_what_was_changed_is_kept_by_the_same_release_too(kibana: StandIn, setup: Setup) -> None:
    setup()
    kibana.objects.save_in_editor("dashboard", OVERVIEW, title="Mine")
    assert setup().results[OVERVIEW] == "kept"


def test_what_was_exported_changed_and_imported_by_hand_is_kept(kibana: StandIn, setup: Setup, later: Path) -> None:
    setup()
    there = kibana.objects.of("default")["dashboard", OVERVIEW]
    mine = {**there, "attributes": {**there["attributes"], "title": "Mine"}}
    kibana.objects.take("default", [mine], overwrite=True)
    assert setup(files=later).results[OVERVIEW] == "kept"


def test_overwrite_puts_ours_in_the_place_of_what_was_changed(kibana: StandIn, setup: Setup, later: Path) -> None:
    setup()
    kibana.objects.save_in_editor("dashboard", OVERVIEW, title="Mine")
    ran = setup("--overwrite", files=later)
    assert ran.results[OVERVIEW] == "overwritten"
    assert kibana.objects.of("default")["dashboard", OVERVIEW]["attributes"]["title"] == "All at a glance"
    assert setup(files=later).results[OVERVIEW] == "unchanged"


def test_overwriting_leaves_the_tags_that_users_gave(kibana: StandIn, setup: Setup, later: Path) -> None:
    setup()
    kibana.objects.assign_tag("dashboard", OVERVIEW, "team-pki")
    setup("--overwrite", files=later)
    references = kibana.objects.of("default")["dashboard", OVERVIEW]["references"]
    assert [one["id"] for one in references if one["type"] == "tag"] == ["intune-connector", "team-pki"]


def test_that_somebody_looked_at_a_field_is_no_change(kibana: StandIn, setup: Setup, tmp_path: Path) -> None:
    setup()
    counted = '{"host.name":{"customLabel":"Host","count":7},"event.code":{"count":2}}'
    kibana.objects.change("index-pattern", EVENTS, fieldAttrs=counted)
    renamed = data_view()
    renamed["attributes"]["name"] = "Renamed"
    ran = setup(files=write(tmp_path / "later", [TAG, renamed, data_view("alerts"), search(), dashboard()]))
    assert ran.results[EVENTS] == "updated"


def test_a_label_that_a_user_gave_to_a_field_is_kept(kibana: StandIn, setup: Setup) -> None:
    setup()
    kibana.objects.change("index-pattern", EVENTS, fieldAttrs='{"host.name":{"customLabel":"Server"}}')
    assert setup().results[EVENTS] == "kept"


def test_what_was_imported_by_hand_from_our_files_is_unchanged(kibana: StandIn, setup: Setup) -> None:
    kibana.objects.take("default", OBJECTS, overwrite=False)
    assert set(setup("--no-rules").results.values()) == {"unchanged"}


def test_an_object_of_an_earlier_release_is_removed(kibana: StandIn, setup: Setup, tmp_path: Path) -> None:
    setup(files=write(tmp_path / "earlier", [*OBJECTS, dashboard("old", "Old one")]))
    ran = setup()
    assert ran.results["intune-connector-old"] == "removed"
    assert ("dashboard", "intune-connector-old") not in kibana.objects.of("default")
    assert "intune-connector-old" not in setup().results


def test_a_changed_object_of_an_earlier_release_is_kept(kibana: StandIn, setup: Setup, tmp_path: Path) -> None:
    setup(files=write(tmp_path / "earlier", [*OBJECTS, dashboard("old", "Old one")]))
    kibana.objects.change("dashboard", "intune-connector-old", title="Mine")
    ran = setup()
    assert ran.results["intune-connector-old"] == "kept"
    assert "no longer part" in ran.detail("intune-connector-old")
    assert setup("--overwrite").results["intune-connector-old"] == "removed"


def test_what_a_user_s_own_dashboard_stands_on_is_kept(kibana: StandIn, setup: Setup, tmp_path: Path) -> None:
    old = {**search("Old"), "id": "intune-connector-search-old"}
    setup(files=write(tmp_path / "earlier", [*OBJECTS, old]))
    reference = {"type": "search", "id": "intune-connector-search-old", "name": "a:panel_a"}
    mine = {"type": "dashboard", "id": "mine", "attributes": {"title": "My board"}, "references": [reference]}
    kibana.objects.add("default", mine)
    ran = setup()
    assert ran.results["intune-connector-search-old"] == "kept"
    assert "My board" in ran.detail("intune-connector-search-old")


def test_what_users_made_with_our_tag_is_left_alone(kibana: StandIn, setup: Setup) -> None:
    setup()
    kibana.objects.add("default", {**dashboard(title="Mine"), "id": "mine"})
    assert "mine" not in setup("--overwrite").results
    assert ("dashboard", "mine") in kibana.objects.of("default")


def test_a_second_space_has_its_own_copies_and_they_are_found_again(setup: Setup, later: Path) -> None:
    with StandIn(spaces=("default", "soc")) as kibana:
        setup(url=kibana.url)
        assert set(setup("--space", "soc", url=kibana.url).results.values()) == {"created"}
        assert len(kibana.objects.of("soc")) == len(OBJECTS)
        assert set(setup("--space", "soc", url=kibana.url).results.values()) == {"unchanged"}
        updated = setup("--space", "soc", url=kibana.url, files=later)
        assert updated.results[OVERVIEW] == "updated"
        assert len(kibana.objects.of("soc")) == len(OBJECTS) - 1  # the data view of alerts is gone
        titles = {one["attributes"].get("title") for one in kibana.objects.of("default").values()}
        assert "Overview" in titles


def test_one_object_whose_data_view_lacks_does_not_keep_the_others_away(
    kibana: StandIn, setup: Setup, tmp_path: Path
) -> None:
    lost = dashboard("lost", "Lost")
    lost["references"] = [{"type": "index-pattern", "id": "nowhere", "name": "x"}]
    ran = setup(files=write(tmp_path / "bad", [*OBJECTS, lost]))
    assert ran.code == 1
    assert ran.results["intune-connector-lost"] == "failed"
    assert "nowhere" in ran.detail("intune-connector-lost")
    assert ran.results[OVERVIEW] == "created"
    assert ("dashboard", OVERVIEW) in kibana.objects.of("default")


def test_an_attribute_that_kibana_does_not_know_fails_its_object_alone(setup: Setup, tmp_path: Path) -> None:
    odd = dashboard("odd", "Odd")
    odd["attributes"]["sections"] = []
    ran = setup(files=write(tmp_path / "bad", [*OBJECTS, odd]))
    assert (ran.code, ran.results["intune-connector-odd"], ran.results[OVERVIEW]) == (1, "failed", "created")
    assert "definition for this key is missing" in ran.detail("intune-connector-odd")


def test_a_file_that_is_too_new_for_kibana_is_one_clear_error(kibana: StandIn, setup: Setup, tmp_path: Path) -> None:
    newer = {**dashboard("newer"), "typeMigrationVersion": "10.2.0"}
    ran = setup(files=write(tmp_path / "bad", [*OBJECTS, newer]))
    assert ran.code == 3
    assert "more recent version of Kibana" in ran.err
    assert "nothing of it was written" in ran.err
    assert kibana.objects.of("default") == {}
