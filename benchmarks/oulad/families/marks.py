"""Marks: how assessments were marked, from the day that is known. Without a mark a mean is missing, not 0."""

import narwhals as nw

from benchmarks.oulad.calendar import COURSE
from benchmarks.oulad.families.visible import HANDED_IN, OF_THIS_PRESENTATION
from earlywarning.features.declare import Family, Feature, amount, count, rate

PASS_MARK = 40
LOW_MARK = 60
TUTOR = OF_THIS_PRESENTATION & (nw.col("kind") == nw.lit("TMA"))
COMPUTER = OF_THIS_PRESENTATION & (nw.col("kind") == nw.lit("CMA"))


def mark(
    measure: str, value: nw.Expr, unit: str, description: str, reason: str, direction: int = -1
) -> Feature:
    """A feature of the marks known so far."""
    return Feature(
        name=f"marks_{measure}_{COURSE}",
        value=value,
        unit=unit,
        direction=direction,
        theme="marks",
        description=f"{description}.",
        reason=reason,
    )


def scored(kind: str, called: str) -> str:
    """The sentence of a mean: what it was made of."""
    marks = f"{{{kind}score_{COURSE}:n}} of {{{kind}possible_{COURSE}:n}} marks"
    return f"{{{kind}marked_{COURSE}:{called}}} marked so far: {marks}."


def below(bound: int, called: str) -> Feature:
    """Assignments with a mark under ``bound``."""
    return mark(
        f"{called}_assignments",
        nw.col(f"{called}_{COURSE}"),
        "assignments",
        f"Assignments marked below {bound}",
        f"{{{called}_{COURSE}:assignment}} marked below {bound} so far.",
        direction=+1,
    )


def mean(kind: str) -> nw.Expr:
    """Mean mark out of 100, missing without a mark."""
    return rate(f"{kind}score_{COURSE}", f"{kind}marked_{COURSE}")


MARKS_FAMILY = Family(
    name="marks",
    table="marks",
    lookbacks=(COURSE,),
    seen=HANDED_IN,
    not_visible="Marks were not received for this presentation.",
    measures={
        "marked": count(OF_THIS_PRESENTATION),
        "possible": amount(nw.lit(100), OF_THIS_PRESENTATION),
        "weight": amount(nw.col("weight"), OF_THIS_PRESENTATION),
        "score": amount(nw.col("score"), OF_THIS_PRESENTATION),
        "earned": amount(nw.col("score") * nw.col("weight"), OF_THIS_PRESENTATION),
        "tutor_marked": count(TUTOR),
        "tutor_possible": amount(nw.lit(100), TUTOR),
        "tutor_score": amount(nw.col("score"), TUTOR),
        "computer_marked": count(COMPUTER),
        "computer_possible": amount(nw.lit(100), COMPUTER),
        "computer_score": amount(nw.col("score"), COMPUTER),
        "failed": count(OF_THIS_PRESENTATION & (nw.col("score") < PASS_MARK)),
        "low": count(OF_THIS_PRESENTATION & (nw.col("score") < LOW_MARK)),
    },
    features=(
        mark("mean", mean(""), "out of 100", "Mean mark", scored("", "assignment")),
        mark(
            "weighted",
            rate(f"earned_{COURSE}", f"weight_{COURSE}"),
            "out of 100",
            "Mean mark by weight",
            scored("", "assignment"),
        ),
        mark(
            "earned",
            nw.col(f"earned_{COURSE}"),
            "marks by weight",
            "Marks by weight, added up",
            scored("", "assignment"),
        ),
        mark(
            "marked_assignments",
            nw.col(f"marked_{COURSE}"),
            "assignments",
            "Assignments marked",
            f"{{marked_{COURSE}:assignment}} marked so far.",
        ),
        mark(
            "tutor_mean",
            mean("tutor_"),
            "out of 100",
            "Mean tutor's mark",
            scored("tutor_", "tutor-marked assignment"),
        ),
        mark(
            "computer_mean",
            mean("computer_"),
            "out of 100",
            "Mean computer's mark",
            scored("computer_", "computer-marked assignment"),
        ),
        below(PASS_MARK, "failed"),
        below(LOW_MARK, "low"),
    ),
)
