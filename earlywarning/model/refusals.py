"""What the classifier will not learn from: re-weighted rows, and rows of which nothing can be learnt."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np
import numpy.typing as npt
from sklearn.utils.multiclass import check_classification_targets, type_of_target

from earlywarning.errors import GateRefused, WrongUsage
from earlywarning.model.arrays import IntArray

WEIGHTS = frozenset(
    {"class_weight", "sample_weight", "scale_pos_weight", "is_unbalance", "pos_bagging_fraction", "weight"}
)


class TrainingRefused(GateRefused, ValueError):
    """Nothing can be learnt from these rows; also a ``ValueError``, which scikit-learn's tools expect."""


class WeightsRefused(WrongUsage, TypeError):
    """Classes or rows were to be weighted; also a ``TypeError``, as for any argument that is not known."""


def refuse_arguments(given: Iterable[str], where: str) -> None:
    """Nothing, when ``given`` is empty.

    >>> refuse_arguments(["class_weight"], "RiskClassifier()")  # doctest: +ELLIPSIS
    Traceback (most recent call last):
        ...
    earlywarning.model.refusals.WeightsRefused: RiskClassifier() takes no class_weight: weights move...

    Raises:
        WeightsRefused: a weight is among them.
        TypeError: anything else is.
    """
    for name in given:
        if name in WEIGHTS:
            raise WeightsRefused(
                f"{where} takes no {name}: weights move every probability away from what is observed, and the"
                " rarer class needs none to be ranked. Leave it out; to list more or fewer pupils, change the"
                " capacity."
            )
        raise TypeError(f"{where} got an unexpected keyword argument '{name}'")


def two_classes(y: npt.ArrayLike) -> tuple[npt.NDArray[np.generic], IntArray]:
    """The two classes in sort order, and ``y`` (n,) as 0/1 with 1 for the larger.

    Raises:
        TrainingRefused: a class has fewer than two rows.
        ValueError: there are more than two classes, or ``y`` holds no classes at all.
    """
    check_classification_targets(y)
    if type_of_target(y) == "multiclass":
        raise ValueError(
            "Only binary classification is supported. The type of the target is multiclass."
            " Make one column that is true for the event."
        )
    classes, event, counts = np.unique(np.asarray(y), return_inverse=True, return_counts=True)
    if len(counts) < 2 or counts.min() < 2:
        raise TrainingRefused(
            f"Training needs at least two rows of each class; here {len(counts)} class(es) with"
            f" {', '.join(map(str, counts))} rows. Add periods in which the event happened, or issue the"
            " best rule's list."
        )
    return classes, event


def settled_directions(asked: object, names: list[str]) -> tuple[int, ...]:
    """-1, 0 or 1 for each of ``names``, from a mapping by name, a sequence in their order, or ``None``.

    >>> settled_directions({"absence": 1}, ["marks", "absence"]), settled_directions(None, ["marks"])
    ((0, 1), (0,))

    Raises:
        WrongUsage: a name is not among ``names``, the numbers are not as many, or one is another.
    """
    if asked is None:
        return (0,) * len(names)
    if isinstance(asked, Mapping):
        if unknown := sorted(map(str, set(asked) - set(names))):
            raise WrongUsage(
                f"monotonic_cst names columns that X has not: {', '.join(unknown)}. Give 1 (more of it, more"
                " risk), -1 or 0 for columns of X; those left out are 0."
            )
        asked = [asked.get(name, 0) for name in names]
    directions = np.asarray(asked)
    if directions.shape != (len(names),) or not np.isin(directions, (-1, 0, 1)).all():
        raise WrongUsage(
            f"monotonic_cst holds 1, -1 or 0 for each of the {len(names)} columns, in their order or by name."
        )
    return tuple(int(direction) for direction in directions)
