"""The pictures of the training page, each with a table of the same numbers; made from the metrics alone.

No count of one to four pupils is shown, nor what could be worked out from it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from markupsafe import Markup

from earlywarning.audit.intervals import jeffreys
from earlywarning.drawing import Axis, Curve, Dot, curves, dots, steps
from earlywarning.model.curves import Point
from earlywarning.model.curves import curves as model_curves
from earlywarning.model.lists import Capacity
from earlywarning.trial import MODEL, Trial

Metrics: TypeAlias = Mapping[str, Any]
Row: TypeAlias = tuple[str, ...]

SMALL = 5
"""A number of pupils below this, unless it is 0, is not shown: somebody could know who they are."""

DOUBLINGS = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0)


@dataclass(frozen=True)
class Picture:
    """A drawing, what it shows, how to read it, and its numbers as a table."""

    name: str
    title: str
    reading: str
    svg: Markup
    head: Row
    rows: tuple[Row, ...]


def curves_of(trial: Trial, name: str, capacity: Capacity) -> dict[str, list[Point]]:
    """What is drawn of one rung of ``trial`` besides its measures: see :mod:`earlywarning.model.curves`."""
    rows = trial.data.rows
    return model_curves(
        rows["state"],
        trial.scores[name],
        area=rows["area"],
        as_of_date=rows.index.get_level_values("as_of_date"),
        capacity=capacity,
        probability=trial.probabilities.get(name),
    )


def pictures(metrics: Metrics) -> list[Picture]:
    """Every picture that the metrics of a run allow, in the order in which they matter."""
    made = [_difference(metrics), _lists(metrics), _longer(metrics), _worth(metrics), _ladder(metrics)]
    return [picture for picture in [*made, _calibration(metrics)] if picture is not None]


def count(value: float | None) -> str:
    """A number of pupils in words that name nobody; expected numbers are rounded.

    >>> count(1234), count(3.2), count(0), count(None)
    ('1,234', 'fewer than 5', '0', 'undefined')
    """
    if value is None:
        return "undefined"
    return f"fewer than {SMALL}" if 0 < round(value) < SMALL else f"{value:,.0f}"


def number(value: float | None) -> str:
    """A measure in three decimals, or the word for what is undefined.

    >>> number(0.12345), number(None)
    ('0.123', 'undefined')
    """
    return "undefined" if value is None else f"{value:.3f}"


def percent(value: float | None) -> str:
    """A share in per cent: whole from 10%, with a decimal below.

    >>> percent(0.314), percent(0.0123), percent(None)
    ('31%', '1.2%', 'undefined')
    """
    if value is None:
        return "undefined"
    return f"{value:.1%}" if 0 < abs(value) < 0.0995 else f"{value:.0%}"


def between(estimate: Mapping[str, Any] | None) -> str:
    """The 95% interval of an estimate in words.

    >>> between({"lower": 0.1, "upper": 0.25}), between(None)
    ('0.100 to 0.250', 'no interval')
    """
    if not estimate or estimate["lower"] is None:
        return "no interval"
    return f"{estimate['lower']:.3f} to {estimate['upper']:.3f}"


def rung(metrics: Metrics, name: str) -> str:
    """What a rung of the ladder is called on the page."""
    if name == MODEL:
        return "the model"
    best = " (best rule)" if name == metrics["winner"]["best_rule"] else ""
    return f"{metrics['sentences'][name]}{best}"


def shown(hits: float | None, words: str) -> str:
    """``words``, unless the count they are made of is too small to show."""
    return "not shown" if hits is not None and 0 < round(hits) < SMALL else words


def _difference(metrics: Metrics) -> Picture | None:
    gain = metrics["winner"]["difference"]
    if gain["lower"] is None:
        return None
    reach = max(abs(gain["lower"]), abs(gain["upper"]))
    edge = steps(reach, 2)[-1]
    ticks = tuple((edge * step, f"{edge * step:+.2g}" if step else "0") for step in (-1, 0, 1))
    sure = gain["lower"] > 0 or gain["upper"] < 0
    label = "the model, less the best rule"
    return Picture(
        "difference",
        "Is the model better than the best rule?",
        "The difference in average precision on the same pupils. An interval that lies right of 0 says that "
        "the model is better beyond chance; one that holds 0 (hollow and dashed) does not.",
        Markup(  # noqa: S704 - ours
            dots(
                [Dot(label, gain["value"], gain["lower"], gain["upper"], sure)],
                Axis(-edge, edge, ticks),
                name="difference",
                title="Average precision of the model less that of the best rule",
                says=f"{gain['value']:+.3f}, 95% interval {gain['lower']:+.3f} to {gain['upper']:+.3f}.",
                mark=(0.0, "no difference"),
            )
        ),
        ("Difference", "Average precision", "95% interval", "Events"),
        (
            (
                label,
                f"{gain['value']:+.3f}",
                f"{gain['lower']:+.3f} to {gain['upper']:+.3f}",
                count(gain["events"]),
            ),
        ),
    )


def _lists(metrics: Metrics) -> Picture:
    measures = metrics["measures"]
    drawn, rows = [], []
    for name, at in measures.items():
        hits, ends = at["listed_events"], [at[f"recall_at_capacity_{end}"] for end in ("worst", "best")]
        few = shown(hits, "") or at["recall_at_capacity"] is None
        low, high = (None if few or end is None else end * at["events"] for end in ends)
        dot = Dot(rung(metrics, name), None if few else hits, low, high, name == MODEL, count(hits))
        drawn.append(dot)
        rows.append(
            (
                rung(metrics, name),
                count(at["listed"]),
                count(hits)
                if low is None or high is None or low == high
                else f"{hits:,.0f} ({low:,.0f} to {high:,.0f})",
                shown(hits, percent(at["precision_at_capacity"])),
                shown(
                    hits,
                    f"{percent(at['precision_at_capacity_none'])}, {percent(at['precision_at_capacity_all'])}",
                ),
                shown(hits, percent(at["recall_at_capacity"])),
                shown(hits, _one(at["lift_at_capacity"])),
                shown(hits, _one(at["number_needed_to_review"])),
            )
        )
    top = max([dot.upper or dot.value or 0 for dot in drawn] + [SMALL])
    ticks = tuple((value, f"{value:,.0f}") for value in steps(top))
    return Picture(
        "lists",
        "What was on the lists",
        "How many of the pupils listed then had the event. Where pupils have the same score, who is listed "
        "is a toss-up: the line goes from the unluckiest to the luckiest order. Precision is the share of "
        "those listed who had the event; recall the share of all events that was listed; lift how many times "
        "as often it happened as on the whole roll; needed to review, pupils to talk about for each who had "
        "it.",
        Markup(  # noqa: S704 - ours
            dots(
                drawn,
                Axis(0.0, ticks[-1][0], ticks),
                name="lists",
                title="Pupils listed who then had the event",
                says="One line for each way of ranking. Filled: the model.",
            )
        ),
        (
            "Ranked by",
            "Listed",
            "Had the event (unluckiest to luckiest)",
            "Precision",
            "If none, if all of those unknown",
            "Recall",
            "Lift",
            "Needed to review",
        ),
        tuple(rows),
    )


def _longer(metrics: Metrics) -> Picture | None:
    best, measures = metrics["winner"]["best_rule"], metrics["measures"]
    gain = {name: metrics.get("curves", {}).get(name, {}).get("gain", []) for name in (MODEL, best)}
    n, events = measures[MODEL]["n"], measures[MODEL]["events"]
    if not all(gain.values()) or not events:
        return None
    drawn = [
        Curve(
            rung(metrics, name),
            [(0.0, 0.0)]
            + [(p["listed"] / n, p["events"] / events) for p in points if shown(p["events"], "") == ""],
            second=name != MODEL,
        )
        for name, points in gain.items()
    ]
    far = steps(max(x for curve in drawn for x, _ in curve.points), 4)
    capacity = next(point for point in gain[MODEL] if point["length"] == 1)
    across = Axis(0.0, far[-1], tuple((value, percent(value)) for value in far))
    up = Axis(0.0, 1.0, tuple((value, percent(value)) for value in (0.0, 0.25, 0.5, 0.75, 1.0)))
    both = {p["length"]: p for p in gain[best]}
    rows = []
    for point in gain[MODEL]:
        other = both.get(point["length"])
        rows.append(
            (
                f"{point['length']:g} × capacity" if point["length"] != 1 else "capacity",
                f"{point['listed']:,.0f} ({percent(point['listed'] / n)})",
                _found(point, events),
                _found(other, events) if other else "everyone it ranks is listed",
            )
        )
    return Picture(
        "longer",
        "What longer and shorter lists would find",
        "The share of all events that lists of each length hold. The dotted line is the capacity; further "
        "right, every list is longer.",
        Markup(  # noqa: S704 - ours
            curves(
                drawn,
                across,
                up,
                name="longer",
                title="Share of events found by share of pupils listed",
                says="Two curves, the model filled and whole, the best rule hollow and dashed.",
                words=("share of pupils’ terms listed", "share of events found"),
                mark=(capacity["listed"] / n, "capacity"),
            )
        ),
        ("Length of every list", "Pupils’ terms listed", "Events found by the model", "By the best rule"),
        tuple(rows),
    )


def _worth(metrics: Metrics) -> Picture | None:
    measures = metrics["measures"]
    threshold = measures[MODEL].get("threshold_at_capacity")
    if threshold is None:
        return None
    price = threshold / (1 - threshold)
    worth, rows = [], []
    for name, at in measures.items():
        hits, per_pupil = at["listed_events"], at["net_benefit_at_capacity"]
        few = shown(hits, "") != "" or per_pupil is None
        net = None if few else per_pupil * (at["n"] - at["unknown"])
        worth.append(Dot(rung(metrics, name), net, sure=name == MODEL, note=count(hits)))
        in_vain = at["listed"] - at["listed_unknown"] - hits
        rows.append(
            (
                rung(metrics, name),
                count(hits),
                shown(hits, f"{in_vain:,.0f}"),
                "not shown" if net is None else f"{net:,.1f}",
                shown(hits, "undefined" if per_pupil is None else f"{1000 * per_pupil:.2f}"),
                shown(hits, _thousands(at)),
            )
        )
    values = [dot.value for dot in worth if dot.value is not None]
    least, most = min([0.0, *values]), max([1.0, *values])
    ticks = steps(max(most, -least), 4)
    below = [-value for value in reversed(ticks[1:])] if least < 0 else []
    axis = Axis((below or [0.0])[0], ticks[-1], tuple((v, f"{v:,.0f}") for v in [*below, *ticks]))
    return Picture(
        "worth",
        "What the lists were worth",
        f"A panel that lists down to a probability of {percent(threshold)}, as these lists did, says by that "
        f"that a pupil listed who then has the event is worth {1 / price:.1f} listed in vain. Net benefit is "
        "those who had the event less that price for those who had not: so many found with nobody listed in "
        "vain. Listing nobody is worth 0. The price is the model’s for every ranking; it says nothing about "
        "whether help then helps. (Vickers and Elkin 2006.)"
        if price
        else "Net benefit: here a pupil listed in vain costs nothing, as the probabilities listed reach 0.",
        Markup(  # noqa: S704 - ours
            dots(
                worth,
                axis,
                name="worth",
                title="Net benefit of the lists, as pupils found with nobody listed in vain",
                says="One line for each way of ranking. Filled: the model. Dotted: listing nobody.",
                mark=(0.0, "nobody listed"),
            )
        ),
        (
            "Ranked by",
            "Listed, had the event",
            "Listed in vain",
            "Net benefit",
            "Per 1,000 pupils",
            "If none, if all of those unknown",
        ),
        tuple(rows),
    )


def _ladder(metrics: Metrics) -> Picture:
    measures, intervals = metrics["measures"], metrics["intervals"]
    drawn, rows = [], []
    for name, at in measures.items():
        told = intervals.get(name, {})
        limits = told.get("average_precision") or {"lower": None, "upper": None}
        value = at["average_precision"]
        drawn.append(Dot(rung(metrics, name), value, limits["lower"], limits["upper"], name == MODEL))
        rows.append(
            (
                rung(metrics, name),
                metrics["kinds"][name],
                f"{number(value)} ({between(limits)})",
                f"{number(at['average_precision_none'])}, {number(at['average_precision_all'])}",
                f"{number(at['auroc'])} ({between(told.get('auroc'))})",
            )
        )
    ends = [dot.upper or dot.value or 0.0 for dot in drawn]
    ticks = steps(max([*ends, 0.05]))
    return Picture(
        "ladder",
        "Every rule, peer and the model on the same pupils",
        "Average precision: the mean, over the pupils who had the event, of the precision of the list that "
        "ends at that pupil. It counts the top of the list most. AUROC: how often, of two pupils of whom one "
        "had the event, that one is ranked higher; half the time is chance. The intervals overlap because "
        "every ranking was tested on the same pupils; whether two differ is in the first picture.",
        Markup(  # noqa: S704 - ours
            dots(
                drawn,
                Axis(0.0, ticks[-1], tuple((value, f"{value:g}") for value in ticks)),
                name="ladder",
                title="Average precision with 95% intervals",
                says="One line for each way of ranking. Filled: the model.",
            )
        ),
        ("Ranked by", "Kind", "Average precision (95%)", "If none, if all of those unknown", "AUROC (95%)"),
        tuple(rows),
    )


def _calibration(metrics: Metrics) -> Picture | None:
    bins = metrics.get("curves", {}).get(MODEL, {}).get("calibration", [])
    if not bins:
        return None
    points, bars, rows = [], [], []
    for point, low, high in _with_intervals(bins):
        few = shown(point["events"], "") != ""
        expected, happened = point["expected"] / point["n"], point["events"] / point["n"]
        if not few:
            points.append((expected, happened))
            bars.append((low, high))
        rows.append(
            (
                f"{percent(point['lower'])} to {percent(point['upper'])}",
                count(point["n"]),
                f"{point['expected']:,.1f}",
                count(point["events"]),
                percent(expected),
                "not shown" if few else f"{percent(happened)} ({percent(low)} to {percent(high)})",
            )
        )
    ends = [value for pair in [*points, *bars] for value in pair if value > 0] or [0.01, 0.1]
    low = max([step for step in DOUBLINGS if step <= min(ends)] or DOUBLINGS[:1])
    high = min(step for step in DOUBLINGS if step >= min(1.0, max(ends)))
    ticks = tuple((step, percent(step)) for step in DOUBLINGS if low <= step <= high)
    axis = Axis(low, high, ticks, log=True)
    return Picture(
        "calibration",
        "Are the model’s probabilities right?",
        "Pupils’ terms in groups from low to high probability, each expecting as many events. On the dashed "
        "line the share that happened is the share expected; above it the probability was too low. Each "
        "doubling has the same room. The intervals (95%) take pupils’ terms as independent.",
        Markup(  # noqa: S704 - ours
            curves(
                [
                    Curve("what happened, with its interval", points, bars),
                    Curve("what a right probability would give", [(low, low), (high, high)], second=True),
                ],
                axis,
                axis,
                name="calibration",
                title="Share that had the event by the probability given",
                says="One dot and bar a group; the dashed line is where both are the same.",
                words=("probability given", "share that had the event"),
            )
        ),
        ("Probability", "Pupils’ terms", "Events expected", "Events", "Share expected", "Share (95%)"),
        tuple(rows),
    )


def _with_intervals(bins: list[dict[str, float]]) -> Iterator[tuple[dict[str, float], float, float]]:
    lower, upper = jeffreys([point["events"] for point in bins], [point["n"] for point in bins])
    for point, low, high in zip(bins, lower, upper, strict=True):
        yield point, float(low), float(high)


def _found(point: Mapping[str, float], events: int) -> str:
    return shown(point["events"], f"{point['events']:,.0f} ({percent(point['events'] / events)})")


def _thousands(at: Mapping[str, Any]) -> str:
    ends = [at[f"net_benefit_at_capacity_{end}"] for end in ("none", "all")]
    return ", ".join("undefined" if value is None else f"{1000 * value:.2f}" for value in ends)


def _one(value: float | None) -> str:
    return "undefined" if value is None else f"{value:.1f}"
