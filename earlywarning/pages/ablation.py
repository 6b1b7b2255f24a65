"""An ablation told: the answer in one sentence, a table for a screen, and a page with a picture."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence

from markupsafe import Markup

from earlywarning.drawing import Axis, Dot, dots
from earlywarning.model.comparison import Estimate
from earlywarning.pages.report import rendered
from earlywarning.studies import Study
from earlywarning.trial.ablation import LITTLE, Ablation, Gain


def answer(found: Ablation) -> str:
    """The first line: which families earn their place, which stay all the same, and which do not."""
    earning = [gain.part for gain in found.families.gains if gain.verdict == "earns its place"]
    anyway = [part for part in found.kept if part not in earning]
    others = [gain for gain in found.families.gains if gain.part not in found.kept]
    told = [f"Of {len(found.families.gains)} families of features {_earn(earning)}."]
    if anyway:
        told.append(
            f"Kept all the same, to say who can be assessed or for a simple rule: {', '.join(anyway)}."
        )
    for verdict in ("cannot tell", "adds nothing"):
        names = [gain.part for gain in others if gain.verdict == verdict]
        if names:
            told.append(f"Leave out ({verdict}): {', '.join(names)}.")
    return " ".join(told)


def together(found: Ablation) -> str:
    """What those left out add at once, and what to do if that is not nothing; "" where none is left out."""
    if found.together is None:
        return ""
    gain = found.together.average_precision
    told = f"All that are left out add {_signed(gain)} in average precision together."
    if not gain.above_zero:
        return told
    return told + (
        " That is more than chance, so they say the same as each other: take them back into "
        "features.families one at a time, the least sensitive first, until nothing is missing."
    )


def setting(found: Ablation) -> str:
    """The line of the configuration that says so."""
    return f"families = {json.dumps(found.kept)}"


def ablation_lines(found: Ablation, synthetic: bool) -> list[str]:
    """The ablation for a person at a terminal."""
    width = max(len(gain.part) for gain in _rows(found)) + 2
    head = f"{'what it adds to all others':<{width}}{'average precision':>26}{'caught':>18}  "
    return [
        *(["INVENTED DATA: nothing here is evidence about real pupils."] if synthetic else []),
        answer(found),
        f"Tested on {found.tested_on}: {found.events:,} events among {found.rows:,} pupils' terms",
        head + f"{'alone':>6}{'would show':>12}  verdict",
        *[_line(gain, width) for gain in _rows(found)],
        f"The draw of seeds alone makes up to {found.families.drawn:.3f} between two models of everything.",
        *([together(found)] if found.together else []),
        f"[features] {setting(found)}",
    ]


def ablation_page(study: Study, found: Ablation, synthetic: bool, data_hash: str) -> str:
    """The same as a page; the same bytes for the same ablation."""
    rounds = [
        {
            "name": name,
            "title": title,
            "seeds": measured.seeds,
            "gains": [*measured.gains, *extra],
            "picture": Markup(picture([*measured.gains, *extra], name)),  # noqa: S704 - ours
            "drawn": measured.drawn,
            "alone": any(gain.alone for gain in measured.gains),
        }
        for name, title, measured, extra in (
            ("families", "Each family", found.families, [found.together] if found.together else []),
            ("features", "Each feature", found.features, []),
        )
        if measured is not None
    ]
    return rendered(
        "ablation.html.jinja",
        title=f"What each family of features adds: {study.name}",
        answer=answer(found),
        together=together(found),
        setting=setting(found),
        synthetic=synthetic,
        outcome=study.label.meaning,
        found=found,
        rounds=rounds,
        little=LITTLE,
        signed=_signed,
        plain=_plain,
        data_hash=data_hash,
    )


def picture(gains: Sequence[Gain], name: str) -> str:
    """An inline SVG: the gain of each part with its interval; filled where the interval lies above 0.

    ``name`` starts the ids. Every number is in the table beside it.
    """
    told = [gain.average_precision for gain in gains]
    reach = max((abs(limit) for each in told for limit in (each.lower, each.upper) if limit), default=LITTLE)
    edge = _round_up(reach)
    rows = [
        Dot(gain.part, None, note="no interval")
        if each.lower is None or each.upper is None
        else Dot(gain.part, each.value, each.lower, each.upper, each.above_zero)
        for gain, each in zip(gains, told, strict=True)
    ]
    ticks = tuple((edge * step, f"{edge * step:+.2g}" if step else "0") for step in (-1, 0, 1))
    return dots(
        rows,
        Axis(-edge, edge, ticks),
        name=name,
        title="What each adds in average precision",
        says="One line a row of the table: the gain and its interval. Filled: above 0. Hollow, dashed: not.",
        left=300,
        mark=(0.0, ""),
    )


def _rows(found: Ablation) -> list[Gain]:
    together = [found.together] if found.together else []
    return [*found.families.gains, *together, *(found.features.gains if found.features else ())]


def _line(gain: Gain, width: int) -> str:
    alone = "" if gain.alone is None else _plain(gain.alone.value)
    return (
        f"{gain.part:<{width}}{_signed(gain.average_precision):>26}{_signed(gain.caught, 0):>18}  "
        f"{alone:>6}{_plain(gain.smallest):>12}  {gain.verdict}"
    )


def _signed(estimate: Estimate, digits: int = 3) -> str:
    """A difference with its sign and its interval."""
    if estimate.value is None:
        return "undefined"
    value = f"{estimate.value:+z.{digits}f}"
    if estimate.lower is None or estimate.upper is None:
        return f"{value} (no interval)"
    return f"{value} ({estimate.lower:+z.{digits}f} to {estimate.upper:+z.{digits}f})"


def _plain(value: float | None) -> str:
    return "undefined" if value is None else f"{value:.3f}"


def _earn(names: Sequence[str]) -> str:
    """How many earn their place, and which.

    >>> _earn([]), _earn(["a"]), _earn(["a", "b"])
    ('none earns its place', '1 earns its place: a', '2 earn their place: a, b')
    """
    if not names:
        return "none earns its place"
    return f"{len(names)} {'earns its' if len(names) == 1 else 'earn their'} place: {', '.join(names)}"


def _round_up(value: float) -> float:
    """The next of 1, 2 and 5 times a power of ten.

    >>> _round_up(0.013), _round_up(0.3)
    (0.02, 0.5)
    """
    power = 10.0 ** math.floor(math.log10(value))
    return round(next(step for step in (1, 2, 5, 10) if step * power >= value - 1e-12) * power, 12)
