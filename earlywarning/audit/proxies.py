"""How well the inputs tell groups apart: a model that is given no ethnicity may still be able to guess it.

Not an input of anything, and no finding of unfairness: it says through what a group could be treated
differently, and which inputs to ask about.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.special import ndtr, ndtri
from scipy.stats import rankdata

from earlywarning.audit.attributes import attribute_levels
from earlywarning.audit.comparisons import holm
from earlywarning.audit.verdict import SEEN, Verdict, per_width
from earlywarning.errors import WrongUsage
from earlywarning.model import boosting
from earlywarning.model.arrays import BoolArray, FloatArray, IntArray
from earlywarning.model.comparison import Estimate, interval
from earlywarning.model.ranking import auroc

MATERIAL = 0.65
"""The AUROC from which a guess matters, where the policy file says nothing else."""
FOLDS = 5
PERMUTED = 3
"""How often an attribute is dealt out again between pupils, to see what guessing by chance reaches."""
FEWEST = 30
"""Pupils a group, and all the others, need before anything is said."""
ASKED, SHOWN = 8, 5
"""Of the inputs that the guess leans on most, how many are tried, and how many are named."""
RECIPE = boosting.Recipe(
    rounds=80, learning_rate=0.1, num_leaves=8, min_leaf_rows=20, column_fraction=0.5, max_bin=63
)


@dataclass(frozen=True)
class Carrier:
    """An input, and how much of the AUROC is lost where its values are dealt out again between pupils."""

    feature: str
    loss: float


@dataclass(frozen=True)
class Proxy:
    """How well the inputs tell one group from all others.

    ``n`` and ``members`` count pupils. ``auroc`` is that of held-out pupils; ``permuted`` what the same guess
    reaches at most where the attribute was dealt out again between pupils; both are None where nothing is
    told. ``p_adjusted`` is Holm's over every group of the scan. ``reason`` says why the verdict is as it is.
    """

    attribute: str
    group: str
    n: int
    members: int
    auroc: Estimate | None = None
    permuted: float | None = None
    carriers: tuple[Carrier, ...] = ()
    reason: str = ""
    verdict: Verdict = "cannot tell"
    p_adjusted: float = 1.0

    @property
    def carried_by(self) -> tuple[Carrier, ...]:
        """The inputs that carry most, of a group that is told well enough to matter."""
        return self.carriers if self.verdict in SEEN else ()

    @property
    def p_value(self) -> float:
        """The two-sided p-value of an AUROC no better than chance, from the near half of the interval."""
        if self.auroc is None or self.auroc.value is None or self.auroc.lower is None:
            return 1.0
        spread = max(self.auroc.value - self.auroc.lower, 1e-12) / float(ndtri(0.975))
        return min(1.0, 2 * float(ndtr(-(self.auroc.value - self.chance) / spread)))

    @property
    def chance(self) -> float:
        """What guessing reaches without a tie: a coin, or more where the dealt-out groups reached more."""
        return max(self.permuted or 0.5, 0.5)

    def judged(self, material: float, p_adjusted: float) -> Proxy:
        """The same with its verdict; an AUROC matters from ``material``."""
        verdict, reason = self._verdict(material, p_adjusted)
        return replace(self, verdict=verdict, reason=reason, p_adjusted=p_adjusted)

    def _verdict(self, material: float, p_adjusted: float) -> tuple[Verdict, str]:
        auroc = self.auroc
        if auroc is None or auroc.value is None or auroc.lower is None or auroc.upper is None:
            return "cannot tell", self.reason or "the interval is undefined"
        told = auroc.lower > self.chance
        if told and auroc.value >= material:
            if p_adjusted < 0.05:
                return "concern", "told better than chance, also after asking about every group at once"
            return "watch", "told better than chance, but not after asking about every group at once"
        visible = self.chance + (auroc.upper - auroc.lower) * per_width(0.95)
        if auroc.upper >= material:
            return "cannot tell", f"up to {auroc.upper:.3f} cannot be ruled out, and {material:.2f} matters"
        if visible > material:
            return "cannot tell", (
                f"too few to have seen an AUROC of {material:.2f}; the smallest that could have been seen is "
                f"{visible:.2f}"
            )
        why = f"an AUROC of {material:.2f} would have been seen"
        return "no sign", f"told better than chance, but {why}" if told else why

    def to_json(self) -> dict[str, Any]:
        """The row, ready for JSON."""
        return asdict(self) | {"carriers": [asdict(carrier) for carrier in self.carried_by]}


@dataclass(frozen=True)
class ProxyScan:
    """Every group of the attributes that were asked for, in their order."""

    proxies: tuple[Proxy, ...]

    def frame(self) -> pd.DataFrame:
        """One row a group: the fields of :class:`Proxy`, with lower and upper of the AUROC.

        ``carriers`` are the inputs that carry most with their loss, "; " between them; undefined is NaN.
        """
        rows = [
            {
                "attribute": each.attribute,
                "group": each.group,
                "n": each.n,
                "members": each.members,
                "auroc": each.auroc and each.auroc.value,
                "lower": each.auroc and each.auroc.lower,
                "upper": each.auroc and each.auroc.upper,
                "permuted": each.permuted,
                "p_adjusted": each.p_adjusted,
                "verdict": each.verdict,
                "reason": each.reason,
                "carriers": "; ".join(f"{one.feature} {one.loss:.3f}" for one in each.carried_by),
            }
            for each in self.proxies
        ]
        numbers = ["auroc", "lower", "upper", "permuted"]
        return pd.DataFrame(rows).astype(dict.fromkeys(numbers, float))

    def to_json(self) -> list[dict[str, Any]]:
        """The rows, ready for JSON."""
        return [each.to_json() for each in self.proxies]


def proxy_scan(
    X: pd.DataFrame,
    attributes: pd.DataFrame,
    pupils: npt.ArrayLike,
    *,
    material: float = MATERIAL,
    seed: int = 0,
) -> ProxyScan:
    """How well the inputs ``X`` (n, n_features) tell each group of each column of ``attributes`` (n rows).

    Boosted trees guess one group against all others, for pupils that they did not see: ``pupils`` (n,) says
    whose each row is, and all rows of a pupil are in one fold. "Not recorded" is a group. Intervals (95%)
    resample pupils. A row's place within its own fold is what is pooled, as margins of two models cannot be
    compared.

    Verdicts are those of the audit. *No sign* only where the interval stays below ``material``, the AUROC
    from which a guess matters, and one that good would have been seen 8 times in 10; *watch* where the guess
    reaches it and its interval leaves out chance; *concern* also after Holm's adjustment over all groups of
    the scan, which are asked about every time; *cannot tell* elsewhere, and of a small group: never a pass.

    Raises:
        WrongUsage: lengths differ, there is no input, or ``material`` is not above 0.5 and below 1.
    """
    if not len(X) == len(attributes) == len(np.asarray(pupils)) or X.shape[1] == 0:
        raise WrongUsage(
            f"A proxy scan needs inputs, attributes and pupils of one length; here are {len(X)} rows of "
            f"{X.shape[1]} inputs, {len(attributes)} of attributes and {len(np.asarray(pupils))} pupils."
        )
    if not 0.5 < material < 1:
        raise WrongUsage(
            f"material is {material!r}; give an AUROC above 0.5 and below 1, such as {MATERIAL}."
        )
    code = np.unique(np.asarray(pupils), return_inverse=True)[1]
    bench = _Bench(X.to_numpy(dtype=np.float64), list(map(str, X.columns)), code, seed)
    levels = attribute_levels(attributes)
    found = [
        bench.told(str(name), group, levels[name].eq(group).to_numpy())
        for name in levels
        for group in sorted(levels[name].unique())
    ]
    adjusted = holm(proxy.p_value for proxy in found)
    judged = (proxy.judged(material, float(p)) for proxy, p in zip(found, adjusted, strict=True))
    return ProxyScan(tuple(judged))


@dataclass(frozen=True)
class _Bench:
    """The inputs, (n, n_features), whose each row is, (n,), and the folds that follow from both."""

    X: FloatArray
    names: Sequence[str]
    pupil: IntArray
    seed: int

    def told(self, attribute: str, group: str, member: BoolArray) -> Proxy:
        """One group against all others."""
        sizes = [len(np.unique(self.pupil[rows])) for rows in (member, ~member)]
        n = len(np.unique(self.pupil))
        if min(sizes) < FEWEST:
            who = "in this group" if sizes[0] < FEWEST else "in all other groups together"
            why = f"pupils {who}: {min(sizes)}, at least {FEWEST} needed"
            return Proxy(attribute, group, n, sizes[0], reason=why)
        place, carriers = self.guessed(member, carriers=True)
        random = np.random.default_rng([self.seed, 1])
        reached = [self.by_chance(member, random) for _ in range(PERMUTED)]
        return Proxy(
            attribute,
            group,
            n,
            sizes[0],
            auroc=interval(auroc, member, place, self.pupil, seed=self.seed),
            permuted=max(reached),
            carriers=carriers,
        )

    def by_chance(self, member: BoolArray, random: np.random.Generator) -> float:
        """The AUROC reached where whole pupils change places with others."""
        first = np.unique(self.pupil, return_index=True)[1]
        dealt = random.permutation(member[first])[self.pupil]
        return float(auroc(dealt, self.guessed(dealt)[0]))

    def guessed(self, member: BoolArray, *, carriers: bool = False) -> tuple[FloatArray, tuple[Carrier, ...]]:
        """The place of each row in its fold, 0 to 1, shape (n,), and the inputs that carry most."""
        place, lost = np.zeros(len(member)), []
        for train, test in self.folds():
            rows = boosting.binned(self.X[train], member[train].astype(np.int64), list(self.names), RECIPE)
            (booster,) = boosters = boosting.grown(rows, RECIPE, [self.seed])
            place[test] = _places(boosting.mean_margin(boosters, self.X[test]))
            if carriers:
                gain = np.asarray(booster.feature_importance("gain"), dtype=np.float64)
                lost.append(self.losses(boosters, np.argsort(-gain, kind="stable")[:ASKED], member, test))
        return place, _most(lost, self.names)

    def losses(
        self, boosters: Sequence[Any], columns: IntArray, member: BoolArray, test: IntArray
    ) -> dict[int, float]:
        """What each of some columns carries among the held-out rows ``test``."""
        random = np.random.default_rng([self.seed, 2])
        whole = float(auroc(member[test], boosting.mean_margin(boosters, self.X[test])))
        lost = {}
        for column in columns:
            dealt = self.X[test].copy()
            dealt[:, column] = random.permutation(dealt[:, column])
            lost[int(column)] = whole - float(auroc(member[test], boosting.mean_margin(boosters, dealt)))
        return {column: loss for column, loss in lost.items() if not np.isnan(loss)}

    def folds(self) -> Iterator[tuple[IntArray, IntArray]]:
        """Training and test rows; each pupil is in one test."""
        drawn = np.random.default_rng([self.seed, 0]).permutation(int(self.pupil.max()) + 1) % FOLDS
        fold = drawn[self.pupil]
        for number in range(FOLDS):
            yield np.flatnonzero(fold != number), np.flatnonzero(fold == number)


def _places(margin: FloatArray) -> FloatArray:
    return np.asarray(rankdata(margin) / len(margin))


def _most(lost: Sequence[dict[int, float]], names: Sequence[str]) -> tuple[Carrier, ...]:
    """The inputs with the largest mean loss over the folds (0 in a fold that did not lean on one)."""
    columns = sorted({column for fold in lost for column in fold})
    mean = {column: sum(fold.get(column, 0.0) for fold in lost) / len(lost) for column in columns}
    best = sorted((column for column in columns if mean[column] > 0), key=lambda column: -mean[column])
    return tuple(Carrier(names[column], mean[column]) for column in best[:SHOWN])
