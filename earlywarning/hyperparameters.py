"""Which of the classifier's parameters the settings may change, and within which bounds tuning looks.

Few, on purpose: with some hundreds of events a longer search finds luck. The number of rounds is not among
them: it follows the number of events, which a number found on fewer years would not.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from types import MappingProxyType

from earlywarning.errors import WrongUsage


@dataclass(frozen=True)
class Bounds:
    """What a parameter may be, both ends included; ``whole`` numbers only, or any in between.

    ``by_factor``: from 10 to 20 is as far as from 100 to 200.
    """

    low: float
    high: float
    whole: bool = False
    by_factor: bool = False

    def hold(self, value: object) -> bool:
        """Whether ``value`` is one of them."""
        if not isinstance(value, (int, float)) or isinstance(value, bool):
            return False
        return self.low <= value <= self.high and (not self.whole or value == int(value))

    def __str__(self) -> str:
        return f"{'a whole number' if self.whole else 'a number'} from {self.low:g} to {self.high:g}"


BOUNDS: Mapping[str, Bounds] = MappingProxyType(
    {
        "learning_rate": Bounds(0.005, 0.1, by_factor=True),
        "num_leaves": Bounds(2, 16, whole=True),
        "min_child_samples": Bounds(5, 300, whole=True, by_factor=True),
        "colsample_bytree": Bounds(0.1, 1.0),
    }
)
"""By the names that :class:`~earlywarning.model.RiskClassifier` gives its parameters."""


def searched(parameters: Iterable[str]) -> dict[str, Bounds]:
    """The bounds of those of a classifier's ``parameters`` that are worth a search.

    >>> list(searched(["num_leaves", "random_state"]))
    ['num_leaves']
    """
    have = set(parameters)
    return {name: bounds for name, bounds in BOUNDS.items() if name in have}


def settled(given: Mapping[str, float]) -> dict[str, float]:
    """``given`` as the classifier takes them: whole numbers where they are.

    >>> settled({"num_leaves": 6.0, "learning_rate": 0.03})
    {'num_leaves': 6, 'learning_rate': 0.03}
    """
    return {name: int(value) if BOUNDS[name].whole else float(value) for name, value in given.items()}


def refuse_outside(given: Mapping[str, object], where: str) -> None:
    """Nothing, when each of ``given`` is known and within its bounds.

    Raises:
        WrongUsage: naming the parameter, what is allowed and, for a slip of the pen, what was meant.
    """
    for name, value in given.items():
        if name not in BOUNDS:
            near = get_close_matches(name, BOUNDS, n=1)
            hint = f" Did you mean '{near[0]}'?" if near else ""
            raise WrongUsage(
                f"{where}: '{name}' is not known.{hint} Known here: {', '.join(BOUNDS)}. Leave the table "
                "out to use the defaults, which are good without it."
            )
        if not BOUNDS[name].hold(value):
            raise WrongUsage(f"{where}.{name}: {BOUNDS[name]} is needed.")
