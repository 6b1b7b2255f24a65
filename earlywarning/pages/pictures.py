"""The pictures of the training page, each with a table of the same numbers; made from the metrics alone.

No count of one to four pupils is shown, nor what could be worked out from it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from markupsafe import Markup

from earlywarning.audit.intervals import jeffreys
from earlywarning.drawing import Axis, Curve, Dot, curves, dots, steps
from earlywarning.model.curves import Point
from earlywarning.model.curves import curves as model_curves
from earlywarning.model.lists import Capacity
from earlywarning.pages.figures import SMALL, Metrics, between, count, few, number, percent, rung, shown
from earlywarning.trial import MODEL, Trial

Row: TypeAlias = tuple[str, ...]

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
        trial.drawn_from(name),
        area=rows["area"],
        as_of_date=rows.index.get_level_values("as_of_date"),
        capacity=capacity,
        probability=trial.probabilities.get(name),
    )


def pictures(metrics: Metrics) -> list[Picture]:
    """Every picture that the metrics of a run allow, in the order in which they matter."""
    made = [_difference(metrics), _lists(metrics), _longer(metrics), _worth(metrics), _ladder(metrics)]
    return [picture for picture in [*made, _calibration(metrics)] if picture is not None]


def _difference(metrics: Metrics) -> Picture | None:
    """The model less the best rule, and less every other rung whose difference the metrics have."""
    best, told = metrics["winner"]["best_rule"], {**metrics.get("differences", {})}
    gains = {best: metrics["winner"]["difference"]} | {name: told[name] for name in told if name != best}
    drawn = [_gained(metrics, name, gain) for name, gain in gains.items()]
    reach = [limit for dot in drawn for limit in (dot.lower, dot.upper) if limit is not None]
    if drawn[0].value is None:
        return None
    ticks = steps(max([*reach, 0.001]), 4, min([*reach, -0.001]))
    svg = dots(
        drawn,
        Axis(ticks[0], ticks[-1], tuple((step, f"{step:+.2g}" if step else "0") for step in ticks)),
        name="difference",
        title="Average precision of the model less that of others",
        says="One line for each the model is compared with. Hollow and dashed: the interval holds 0.",
        mark=(0.0, "no difference"),
    )
    return Picture(
        "difference",
        "Is the model better than the best rule?",
        "The difference in average precision on the same pupils. An interval that lies right of 0 says that "
        "the model is better beyond chance; one that holds 0 (hollow and dashed) does not.",
        Markup(svg),  # noqa: S704 - ours
        ("The model less", "Average precision", "95% interval", "Events"),
        tuple(_less(metrics, name, gain) for name, gain in gains.items()),
    )


def _gained(metrics: Metrics, name: str, gain: Mapping[str, Any]) -> Dot:
    lower, upper, label = gain["lower"], gain["upper"], rung(metrics, name)
    if lower is None or upper is None:
        return Dot(label, None, note="too few events for an interval")
    return Dot(label, gain["value"], lower, upper, lower > 0 or upper < 0)


def _less(metrics: Metrics, name: str, gain: Mapping[str, Any]) -> Row:
    """The model less one other rung, as a row."""
    value = "undefined" if gain["value"] is None else f"{gain['value']:+.3f}"
    limits = "no interval" if gain["lower"] is None else f"{gain['lower']:+.3f} to {gain['upper']:+.3f}"
    return rung(metrics, name), value, limits, count(gain["events"])


def _lists(metrics: Metrics) -> Picture:
    drawn = []
    for name, at in metrics["measures"].items():
        hits, told = at["listed_events"], at["recall_at_capacity"] is not None
        low, high = (at[f"recall_at_capacity_{end}"] for end in ("worst", "best"))
        drawn.append(
            Dot(rung(metrics, name), hits, low * at["events"], high * at["events"], name == MODEL)
            if told and not few(hits)
            else Dot(rung(metrics, name), None, note=count(hits))
        )
    ticks = steps(max(dot.upper or SMALL for dot in drawn))
    svg = dots(
        drawn,
        Axis(0.0, ticks[-1], tuple((value, f"{value:,.0f}") for value in ticks)),
        name="lists",
        title="Pupils listed who then had the event",
        says="One line for each way of ranking. Filled: the model.",
    )
    return Picture(
        "lists",
        "What was on the lists",
        "How many of the pupils listed then had the event. Where pupils have the same score, who is listed "
        "is a toss-up: the line goes from the unluckiest to the luckiest order. Precision is the share of "
        "those listed who had the event; recall the share of all events that was listed; lift how many times "
        "as often it happened as on the whole roll; to review, pupils to talk about for each who had it.",
        Markup(svg),  # noqa: S704 - ours
        ("Ranked by", "Listed", "Had it (by luck)", "Precision", "Bounds", "Recall", "Lift", "To review"),
        tuple(_list(metrics, name, dot) for name, dot in zip(metrics["measures"], drawn, strict=True)),
    )


def _list(metrics: Metrics, name: str, dot: Dot) -> Row:
    """What the lists of one rung held, as a row."""
    at, hits = metrics["measures"][name], metrics["measures"][name]["listed_events"]
    luck = "" if dot.lower == dot.upper else f" ({count(dot.lower)} to {count(dot.upper)})"
    bounds = (percent(at[f"precision_at_capacity_{end}"]) for end in ("none", "all"))
    rest = (
        percent(at["precision_at_capacity"]),
        ", ".join(bounds),
        percent(at["recall_at_capacity"]),
        _plain(at["lift_at_capacity"]),
        _plain(at["number_needed_to_review"]),
    )
    return (dot.label, count(at["listed"]), count(hits) + luck, *(shown(hits, words) for words in rest))


def _longer(metrics: Metrics) -> Picture | None:
    best, model = metrics["winner"]["best_rule"], metrics["measures"][MODEL]
    n, events = model["n"], model["events"]
    gain = {name: metrics.get("curves", {}).get(name, {}).get("gain", []) for name in (MODEL, best)}
    if not all(gain.values()) or not events or not model["listed"]:
        return None
    drawn = [
        Curve(
            rung(metrics, name),
            [(0.0, 0.0), *((p["listed"] / n, p["events"] / events) for p in points if not few(p["events"]))],
            second=name != MODEL,
        )
        for name, points in gain.items()
    ]
    far = steps(max(point["listed"] / n for points in gain.values() for point in points), 4)
    svg = curves(
        drawn,
        Axis(0.0, far[-1], tuple((value, percent(value)) for value in far)),
        Axis(0.0, 1.0, tuple((value, percent(value)) for value in (0.0, 0.25, 0.5, 0.75, 1.0))),
        name="longer",
        title="Share of events found by share of pupils listed",
        says="Two curves: the model filled and whole, the best rule hollow and dashed.",
        words=("share of pupils’ terms listed", "share of events found"),
        mark=(model["listed"] / n, "capacity"),
    )
    return Picture(
        "longer",
        "What longer and shorter lists would find",
        "The share of all events that lists of each length hold. The dotted line is the capacity; further "
        "right, every list is longer.",
        Markup(svg),  # noqa: S704 - ours
        ("Length of every list", "Pupils’ terms listed", "Events the model finds", "The best rule finds"),
        tuple(_lengths(gain[MODEL], gain[best], n, events)),
    )


def _lengths(model: list[Point], rule: list[Point], n: int, events: int) -> Iterator[Row]:
    """What lists of each length hold, as rows."""

    def found(point: Point | None) -> str:
        if point is None:
            return "no more"  # everybody it can rank is listed
        return shown(point["events"], f"{point['events']:,.0f} ({percent(point['events'] / events)})")

    its = {point["length"]: point for point in rule}
    for point in model:
        length = "capacity" if point["length"] == 1 else f"{point['length']:g} × capacity"
        listed = f"{count(point['listed'])} ({percent(point['listed'] / n)})"
        yield length, listed, found(point), found(its.get(point["length"]))


def _worth(metrics: Metrics) -> Picture | None:
    measures = metrics["measures"]
    threshold = measures[MODEL].get("threshold_at_capacity")
    if not threshold:
        return None
    drawn = []
    for name, at in measures.items():
        hits, benefit = at["listed_events"], at["net_benefit_at_capacity"]
        net = None if benefit is None or few(hits) else benefit * (at["n"] - at["unknown"])
        drawn.append(Dot(rung(metrics, name), net, sure=name == MODEL, note=count(hits)))
    values = [dot.value for dot in drawn if dot.value is not None]
    ticks = steps(max([1.0, *values]), low=min([0.0, *values]))
    svg = dots(
        drawn,
        Axis(ticks[0], ticks[-1], tuple((value, f"{value:,.0f}") for value in ticks)),
        name="worth",
        title="Net benefit of the lists, in pupils who had the event",
        says="One line for each way of ranking. Filled: the model. Dotted: listing nobody.",
        mark=(0.0, "nobody listed"),
    )
    return Picture(
        "worth",
        "What the lists were worth",
        f"The model’s lists went down to a probability of {percent(threshold)}. A panel that stops there "
        "says that one pupil listed who then has the event is worth the time for "
        f"{(1 - threshold) / threshold:.1f} who have not. Net benefit is the pupils listed who had it, less "
        "one for that many who had not. Listing nobody is worth 0. Every ranking is taken at that price "
        "(Vickers and Elkin 2006, Medical Decision Making 26, 565). It does not say that help helps.",
        Markup(svg),  # noqa: S704 - ours
        ("Ranked by", "Listed, had it", "Listed, had not", "Net benefit", "Per 1,000 pupils", "Bounds"),
        tuple(_benefit(metrics, name, dot) for name, dot in zip(measures, drawn, strict=True)),
    )


def _benefit(metrics: Metrics, name: str, dot: Dot) -> Row:
    """The net benefit of the lists of one rung, as a row."""
    at, hits = metrics["measures"][name], metrics["measures"][name]["listed_events"]
    each = [at[f"net_benefit_at_capacity{end}"] for end in ("", "_none", "_all")]
    thousands = ["undefined" if value is None else f"{1000 * value:.2f}" for value in each]
    rest = (
        count(at["listed"] - at["listed_unknown"] - hits),
        _plain(dot.value),
        thousands[0],
        ", ".join(thousands[1:]),
    )
    return (dot.label, count(hits), *(shown(hits, words) for words in rest))


def _ladder(metrics: Metrics) -> Picture:
    drawn, rows = [], []
    for name, at in metrics["measures"].items():
        told = metrics["intervals"].get(name, {})
        limits = told.get("average_precision") or {"lower": None, "upper": None}
        value, bounds = at["average_precision"], (at[f"average_precision_{end}"] for end in ("none", "all"))
        drawn.append(Dot(rung(metrics, name), value, limits["lower"], limits["upper"], name == MODEL))
        precision = f"{number(value)} ({between(limits)})"
        area = f"{number(at['auroc'])} ({between(told.get('auroc'))})"
        rows.append(
            (rung(metrics, name), metrics["kinds"][name], precision, ", ".join(map(number, bounds)), area)
        )
    ticks = steps(max([0.05, *(dot.upper or dot.value or 0.0 for dot in drawn)]))
    svg = dots(
        drawn,
        Axis(0.0, ticks[-1], tuple((value, f"{value:g}") for value in ticks)),
        name="ladder",
        title="Average precision with 95% intervals",
        says="One line for each way of ranking. Filled: the model.",
    )
    return Picture(
        "ladder",
        "Every rule, every peer and the model on the same pupils",
        "Average precision: the mean, over the pupils who had the event, of the precision of the list that "
        "ends at that pupil. It counts the top of the list most. AUROC: how often, of two pupils of whom one "
        "had the event, that one is ranked higher; half the time is chance. Intervals overlap because every "
        "ranking was tested on the same pupils; whether two differ is asked in the first picture.",
        Markup(svg),  # noqa: S704 - ours
        ("Ranked by", "Kind", "Average precision (95%)", "Bounds", "AUROC (95%)"),
        tuple(rows),
    )


def _calibration(metrics: Metrics) -> Picture | None:
    bins = metrics.get("curves", {}).get(MODEL, {}).get("calibration", [])
    if not bins:
        return None
    limits = [
        *zip(*jeffreys([point["events"] for point in bins], [point["n"] for point in bins]), strict=True)
    ]
    told = [(point, pair) for point, pair in zip(bins, limits, strict=True) if not few(point["events"])]
    points = [(point["expected"] / point["n"], point["events"] / point["n"]) for point, _ in told]
    axis = _doublings([value for pair in [*points, *(pair for _, pair in told)] for value in pair])
    svg = curves(
        [
            Curve("what happened, with its interval", points, [pair for _, pair in told]),
            Curve(
                "what right probabilities would give",
                [(axis.low,) * 2, (axis.high,) * 2],
                second=True,
                bare=True,
            ),
        ],
        axis,
        axis,
        name="calibration",
        title="Share that had the event by the probability given",
        says="One dot and bar a group; the dashed line is where both are the same.",
        words=("probability given", "share that had the event"),
    )
    return Picture(
        "calibration",
        "Are the model’s probabilities right?",
        "Pupils’ terms in groups from low to high probability, each expecting as many events. On the dashed "
        "line as many had the event as expected; above it the probability was too low. Every doubling has "
        "the same room. The intervals (95%, Jeffreys) take pupils’ terms as independent.",
        Markup(svg),  # noqa: S704 - ours
        ("Probability", "Pupils’ terms", "Expected", "Events", "Share expected", "Share (95%)"),
        tuple(_bin(point, low, high) for point, (low, high) in zip(bins, limits, strict=True)),
    )


def _bin(point: Point, low: float, high: float) -> Row:
    """One bin of the calibration curve, as a row."""
    share = f"{percent(point['events'] / point['n'])} ({percent(low)} to {percent(high)})"
    return (
        f"{percent(point['lower'])} to {percent(point['upper'])}",
        count(point["n"]),
        f"{point['expected']:,.1f}",
        count(point["events"]),
        percent(point["expected"] / point["n"]),
        shown(point["events"], share),
    )


def _doublings(values: Sequence[float]) -> Axis:
    """An axis of shares on which every doubling has the same room, as long as the values need."""
    above = [value for value in values if value > 0] or [0.01, 0.1]
    low = max([step for step in DOUBLINGS if step <= min(above)] or DOUBLINGS[:1])
    high = min(step for step in DOUBLINGS if step >= max(above) and step > low)
    ticks = tuple((step, percent(step)) for step in DOUBLINGS if low <= step <= high)
    return Axis(low, high, ticks, log=True)


def _plain(value: float | None) -> str:
    return "undefined" if value is None else f"{value:,.1f}"
