import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shipper.rules.spans import UNITS_MS, parse_span, span_text


@pytest.mark.parametrize(
    ("text", "span_ms"), [("90s", 90_000), ("30m", 1_800_000), ("24h", 86_400_000), ("7d", 604_800_000), ("0s", 0)]
)
def test_a_span_is_a_number_and_a_unit(text: str, span_ms: int) -> None:
    assert parse_span(text) == span_ms


@pytest.mark.parametrize("text", ["", "30", "m", "1.5h", "-1h", "1w", "1H", " 1h", "1h ", "1h30m", "٣h", "9999999999s"])
def test_anything_else_is_refused_with_what_to_write(text: str) -> None:
    with pytest.raises(ValueError, match="such as 30m"):
        parse_span(text)


@settings(deadline=None)
@given(st.integers(0, 10**6), st.sampled_from(list(UNITS_MS)))
def test_a_span_said_and_read_again_is_the_same(number: int, unit: str) -> None:
    span_ms = number * UNITS_MS[unit]
    assert parse_span(span_text(span_ms)) == span_ms


def test_a_span_is_said_in_the_largest_unit_that_says_it_whole() -> None:
    assert [span_text(ms) for ms in (5_400_000, 3_600_000, 86_400_000, 30_000)] == ["90m", "1h", "1d", "30s"]
