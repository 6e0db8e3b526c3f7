"""Colours that mean something are told apart, by everyone."""

from itertools import combinations

import pytest

from shipper.kibana.spec import load

#: Machado, Oliveira and Fernandes (2009), severity 1.0, on linear RGB: https://www.inf.ufrgs.br/~oliveira/pubs_files/CVD_Simulation
SEEN = {
    "everyone": ((1, 0, 0), (0, 1, 0), (0, 0, 1)),
    "protanopia": ((0.152286, 1.052583, -0.204868), (0.114503, 0.786281, 0.099216), (-0.003882, -0.048116, 1.051998)),
    "deuteranopia": ((0.367322, 0.860646, -0.227968), (0.280085, 0.672501, 0.047413), (-0.01182, 0.04294, 0.968881)),
    "tritanopia": ((1.255528, -0.076749, -0.178779), (-0.078411, 0.930809, 0.147602), (0.004733, 0.691367, 0.3039)),
}
#: Distance in CIELAB (1976): 2.3 is just noticed, 20 is told apart at a glance.
APART = 20


def linear(code: str) -> list[float]:
    parts = (int(code[at : at + 2], 16) / 255 for at in (1, 3, 5))
    return [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]


def lab(rgb: list[float]) -> tuple[float, float, float]:
    white = (0.95047, 1.0, 1.08883)
    rows = ((0.4124, 0.3576, 0.1805), (0.2126, 0.7152, 0.0722), (0.0193, 0.1192, 0.9505))
    x, y, z = (f(sum(a * b for a, b in zip(row, rgb, strict=True)) / w) for row, w in zip(rows, white, strict=True))
    return 116 * y - 16, 500 * (x - y), 200 * (y - z)


def f(t: float) -> float:
    return t ** (1 / 3) if t > 216 / 24389 else (24389 / 27 * t + 16) / 116


def seen(code: str, matrix: tuple[tuple[float, ...], ...]) -> tuple[float, float, float]:
    rgb = linear(code)
    return lab([min(max(sum(a * b for a, b in zip(row, rgb, strict=True)), 0), 1) for row in matrix])


@pytest.mark.parametrize("who", SEEN)
@pytest.mark.parametrize("colouring", ["outcome", "severity", "state"])
def test_colours_of_values_are_told_apart(colouring: str, who: str) -> None:
    shared = load().shared
    codes = {shared.colours[name] for name in shared.colourings[colouring].values()}

    for one, other in combinations(sorted(codes), 2):
        assert distance(one, other, who) > APART, (one, other)


@pytest.mark.parametrize("who", SEEN)
def test_the_three_steps_are_told_apart(who: str) -> None:
    colours = load().shared.colours
    for one, other in combinations(("first", "second", "third"), 2):
        assert distance(colours[one], colours[other], who) > APART


@pytest.mark.parametrize("name", ["success_text", "caution_text", "failure_text"])
def test_coloured_text_is_read_on_white(name: str) -> None:
    rgb = linear(load().shared.colours[name])
    luminance = 0.2126 * rgb[0] + 0.7152 * rgb[1] + 0.0722 * rgb[2]

    assert 1.05 / (luminance + 0.05) >= 4.5, "WCAG 2.2, 1.4.3"


def distance(one: str, other: str, who: str) -> float:
    pairs = zip(seen(one, SEEN[who]), seen(other, SEEN[who]), strict=True)
    return float(sum((a - b) ** 2 for a, b in pairs) ** 0.5)
