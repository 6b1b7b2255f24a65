"""What other ways of making the list would gain or lose each group: a study, and never a switch.

Each option is trained and tested as always, and its lists are drawn with the same places from the same
pupils. Nothing here is saved: what is chosen is a change of the settings or of the policy file, made by
people, and trained again. An option that learns from groups is there to show the price, and cannot score.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import pandas as pd
from sklearn.base import clone

from earlywarning.audit.attributes import attribute_levels
from earlywarning.audit.paired import changes_by_group
from earlywarning.audit.reductions import CONSTRAINTS, Reduction
from earlywarning.dataset.assemble import Dataset
from earlywarning.dataset.splits import Fold
from earlywarning.errors import WrongUsage
from earlywarning.model.arrays import BoolArray
from earlywarning.model.classifier import RiskClassifier
from earlywarning.model.ladder import Ranker, model
from earlywarning.model.lists import Capacity
from earlywarning.model.peers import PEERS
from earlywarning.studies import Study
from earlywarning.trial.run import Step, run_trial

Kind = Literal["as used", "other seeds", "without", "with", "label", "learner", "reduction"]
AS_USED = "as used"
AGAIN = 3
"""How often the list as used is made again with other seeds, to see what their draw alone changes."""


@dataclass(frozen=True, eq=False)
class Option:
    """One way of making the list: what it learns from, and with what."""

    name: str
    kind: Kind
    data: Dataset
    rung: Ranker


@dataclass(frozen=True, eq=False)
class Mitigation:
    """What was found on ``tested_on``.

    ``table`` is what :func:`~earlywarning.audit.paired.changes_by_group` says of the lists of every option.
    """

    tested_on: str
    options: tuple[tuple[str, Kind], ...]
    table: pd.DataFrame

    def to_json(self) -> dict[str, Any]:
        """The study, ready for JSON; undefined is null."""
        rows = self.table.astype(object).where(self.table.notna(), None).to_dict("records")
        return {
            "tested_on": self.tested_on,
            "options": [{"option": name, "kind": kind} for name, kind in self.options],
            "rows": [{str(name): value for name, value in row.items()} for row in rows],
        }


def options_of(
    study: Study,
    data: Dataset,
    classifier: RiskClassifier,
    *,
    added: Sequence[str] = (),
    labels: Mapping[str, npt.NDArray[Any]] | None = None,
    attributes: Sequence[str] = (),
    listed: float = 0.05,
    seed: int = 0,
) -> list[Option]:
    """What is compared: as used, without each family, with each of ``added``, other labels, other learners.

    ``data`` has the columns ``added`` beside those in use; ``labels`` has the states of other labels by name;
    ``attributes`` are those by which Fairlearn's reductions even out, with ``listed`` the share listed.
    """
    used = [name for name in map(str, data.X) if name not in added]
    ours = model(clone(classifier).set_params(random_state=seed))
    base = _narrowed(data, used)
    options = [Option(AS_USED, "as used", base, ours)]
    for number in range(1, AGAIN + 1):
        other = clone(classifier).set_params(random_state=seed ^ number)
        options.append(Option(f"other seeds {number}", "other seeds", base, model(other)))
    for family in study.families:
        left = [name for name in used if name not in {feature.name for feature in family.features}]
        if left and len(left) < len(used):
            options.append(Option(f"without {family.name}", "without", _narrowed(data, left), ours))
    options += [Option(f"with {name}", "with", _narrowed(data, [*used, name]), ours) for name in added]
    for name, states in (labels or {}).items():
        rows = base.rows.assign(state=states)
        options.append(Option(f"label {name}", "label", replace(base, rows=rows), ours))
    if attributes:
        plain = PEERS["logistic_regression"]
        options.append(Option("logistic regression", "learner", base, plain))
    for attribute in attributes:
        groups = _groups(data, attribute)
        for constraint in CONSTRAINTS:
            reduction = Reduction(constraint, groups, listed)
            options.append(Option(reduction.name, "reduction", base, reduction))
    return options


def compare(
    options: Iterable[Option],
    folds: Sequence[Fold],
    capacity: Capacity,
    step: Step,
    *,
    attributes: Sequence[str],
    seed: int = 0,
) -> Mitigation:
    """Every option on the same test pupils; the first is what the others are compared with.

    Intervals (95%) are from resampling pupils, the same resamples for every option, and hold what the draw of
    seeds does.

    Raises:
        WrongUsage: an attribute is not one that the study audits by.
    """
    asked = list(options)
    tested = asked[0].data.where(np.any([fold.test for fold in folds], axis=0))
    groups = pd.DataFrame({name: _groups(tested, name) for name in attributes})
    lists = {option.name: _listed(option, folds, capacity, step) for option in asked}
    pupils = np.asarray(tested.X.index.get_level_values("pupil_id"))
    again = [option.name for option in asked if option.kind == "other seeds"]
    table = changes_by_group(tested.known & (tested.y == 1), lists, groups, pupils, again=again, seed=seed)
    return Mitigation(
        tested_on=", ".join(fold.test_period for fold in folds),
        options=tuple((each.name, each.kind) for each in asked if each.name not in again),
        table=table,
    )


def _narrowed(data: Dataset, names: Sequence[str]) -> Dataset:
    features = tuple(feature for feature in data.features if feature.name in names)
    return replace(data, X=data.X[list(names)], features=features)


def _groups(data: Dataset, attribute: str) -> pd.Series[Any]:
    if attribute not in data.attributes:
        raise WrongUsage(
            f"'{attribute}' is not an attribute the study audits by. Known here: "
            f"{', '.join(map(str, data.attributes))}."
        )
    levels = attribute_levels(data.attributes[[attribute]])[attribute]
    return pd.Series(levels.to_numpy(), index=data.attributes.index, name=attribute)


def _listed(option: Option, folds: Sequence[Fold], capacity: Capacity, step: Step) -> BoolArray:
    """Who would have been on the option's lists, of all on roll in the test."""
    step(option.name)
    known = option.data.known
    trained = [replace(fold, train=fold.train & known) for fold in folds]
    trial = run_trial(option.data, trained, [option.rung], lambda _: None)
    return trial.listed(option.rung.name, capacity).to_numpy(dtype=bool)
