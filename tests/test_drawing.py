"""Drawings: well formed, described, and the same for the same numbers."""

from __future__ import annotations

import re
from xml.etree import ElementTree as ET

import pytest

from earlywarning.drawing import Axis, Curve, Dot, curves, dots, steps

AXIS = Axis(0.0, 1.0, ((0.0, "0"), (1.0, "1")))
SVG = "{http://www.w3.org/2000/svg}"


def parsed(svg: str) -> ET.Element:
    return ET.fromstring(svg.replace("<svg ", '<svg xmlns="http://www.w3.org/2000/svg" ', 1))


def drawn(*rows: Dot, left: int = 0) -> str:
    return dots(rows, AXIS, name="it", title="A & B", says="Described.", left=left)


def test_a_drawing_is_described_for_those_who_cannot_see_it() -> None:
    svg = parsed(drawn(Dot("<a>", 0.5, 0.4, 0.6)))
    assert svg.get("role") == "img"
    assert svg.get("aria-labelledby") == "it-title it-desc"
    assert [svg.findtext(f"{SVG}{part}") for part in ("title", "desc")] == ["A & B", "Described."]
    assert "<a>" in [text.text for text in svg.iter(f"{SVG}text")]


def test_what_is_not_sure_is_hollow_and_dashed_and_what_is_undefined_has_no_dot() -> None:
    svg = drawn(Dot("a", 0.5, 0.4, 0.6), Dot("b", 0.5, 0.4, 0.6, sure=False), Dot("c", None, note="no value"))
    assert re.findall(r'<circle [^>]*fill="(#\w+)"', svg) == ["#0b0c0c", "#ffffff"]
    assert svg.count("stroke-dasharray") == 1
    assert "no value" in svg


def test_an_interval_off_the_axis_ends_where_the_axis_does() -> None:
    for left in (0, 200):
        svg = parsed(drawn(Dot("a", 0.5, -9.0, 9.0), left=left))
        (whole,) = [each for each in svg.iter(f"{SVG}line") if each.get("stroke") == "#0b0c0c"]
        ticks = [each.get("x1") for each in svg.iter(f"{SVG}line") if each is not whole]
        assert [whole.get("x1"), whole.get("x2")] == ticks


def test_a_reference_line_has_no_dots() -> None:
    lines = [
        Curve("curve", [(0.0, 0.0), (1.0, 1.0)]),
        Curve("reference", [(0.0, 0.0), (1.0, 1.0)], second=True, bare=True),
    ]
    svg = curves(lines, AXIS, AXIS, name="it", title="T", says="S", words=("x", "y"), mark=(0.5, "here"))
    assert parsed(svg) is not None
    assert svg.count("<circle") == 4  # two of the curve, two of its sample
    assert svg == curves(
        lines, AXIS, AXIS, name="it", title="T", says="S", words=("x", "y"), mark=(0.5, "here")
    )


@pytest.mark.parametrize(
    ("top", "low", "told"),
    [
        (1.0, 0.0, (0.0, 0.2, 0.4, 0.6, 0.8, 1.0)),
        (0.051, 0.0, (0.0, 0.02, 0.04, 0.06)),
        (1.0, -1.0, (-1.0, -0.5, 0.0, 0.5, 1.0)),
    ],
)
def test_steps_are_round(top: float, low: float, told: tuple[float, ...]) -> None:
    assert steps(top, low=low) == told


def test_doublings_have_the_same_room() -> None:
    axis = Axis(0.01, 0.08, (), log=True)
    assert [axis.share(value) for value in (0.01, 0.02, 0.04, 0.08)] == pytest.approx([0, 1 / 3, 2 / 3, 1])
    assert axis.share(0.0) == 0.0  # nothing happened: at the foot, not off the page
