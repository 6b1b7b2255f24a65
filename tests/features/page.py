"""The reference page of features: the declarations, and the examples that are run as tests.

``PYTHONPATH=.:tests python tests/features/page.py docs/reference/features.md`` writes it; a test compares.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from earlywarning.dataset.measure import source_of
from earlywarning.features import FAMILIES, SWITCHED_OFF, Family, Feature

SPECS = Path(__file__).parent / "specs"
GIVES = "gives on "
INTRODUCTION = """\
# Features

Generated from the declarations in `earlywarning/features` and the examples in `tests/features/specs`:
`PYTHONPATH=.:tests python tests/features/page.py docs/reference/features.md` writes this page.

A feature is `<family>_<measure>_<unit>_<look-back>`. Look-backs: `1ht` the half term under way or last begun,
`1t` that one and the one before, `3t` a year of half terms, `1y` the academic year so far, `open` what is
open on the day, `ever` all that is held. A value that was not visible or is not defined is missing, never 0.
Direction: `+` more of it can only be read as more need, `-` as less.

A model uses the families that its settings name (`[features] families`), as shipped fewer than these:
[what each adds](../ablation.md).

The examples run on every engine. Unless one says otherwise pupils a and b are in Year 9 of school s1 (and
were at primary school p1 till August 2024), live in borough 213, and every feed was received.
"""
SWITCHED = """\
# Features that are off

Until the policy file records a reason for one, no model uses these, and they are not even worked out:
[how](../policy.md). The examples are of what they would be.
"""


@dataclass(frozen=True)
class Example:
    """Tables as somebody might write them, and what a family makes of them on some days."""

    title: str
    tables: dict[str, str]
    gives: dict[str, str]


def examples(family: str) -> Iterator[Example]:
    """The examples of a family, from its file of specs."""
    for section in (SPECS / f"{family}.md").read_text(encoding="utf-8").split("### ")[1:]:
        title, _, body = section.partition("\n")
        blocks: dict[str, str] = {}
        name = ""
        for line in body.splitlines():
            if not line.startswith("    "):
                name = ""
            elif not name:
                name = line.strip()
                blocks[name] = ""
            else:
                blocks[name] += line.strip(" ") + "\n"
        yield Example(
            title,
            {name: text for name, text in blocks.items() if not name.startswith(GIVES)},
            {name.removeprefix(GIVES): text for name, text in blocks.items() if name.startswith(GIVES)},
        )


def page() -> str:
    """The whole page."""
    on, off = FAMILIES.values(), SWITCHED_OFF.values()
    return "\n".join([INTRODUCTION, *map(_family, on), SWITCHED, *map(_family, off)])


def _family(family: Family) -> str:
    seen = "only a row makes a value"
    if family.seen:
        seen = f"feed `{family.seen.feed}` in `coverage`, by `{family.seen.source}`"
    left_out = [f"`{column}`" for column in family.needs]
    lines = [
        f"## {family.name}\n",
        f"Table `{source_of(family)}`; visible: {seen}.",
        *([f"Columns it cannot do without: {', '.join(left_out)}."] if left_out else []),
        "",
        "| feature | unit | direction | theme | what it is | what is said |",
        "| --- | --- | --- | --- | --- | --- |",
        *(_row(feature) for feature in family.features),
        "",
        (SPECS / f"{family.name}.md").read_text(encoding="utf-8"),
    ]
    return "\n".join(lines)


def _row(feature: Feature) -> str:
    off = f" **Off:** {feature.off}" if feature.off else ""
    direction = {1: "+", -1: "-", 0: ""}[feature.direction]
    cells = (
        f"`{feature.name}`", feature.unit, direction, feature.theme, feature.description + off,
        f"`{feature.reason}`" if feature.reason else "",
    )  # fmt: skip
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(page(), encoding="utf-8", newline="\n")
