"""Worlds that differ in one known way, so that a claim about a tool can be put to the test."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace

from earlywarning.errors import WrongUsage
from earlywarning.synthetic.planted import PLANTED, Planted

LABEL, MEASUREMENT, NONE = BIASES = ("label", "measurement", "none")
MOST_BIAS = 5.0
CONSTANT_RATE = 0.0045
"""Serious incidents a school day of every pupil alike, where outcomes carry no signal."""
DRIFT_A_YEAR = 0.15


@dataclass(frozen=True)
class Switches:
    """What is different from the ordinary world.

    ``no_signal``: outcomes hang on nothing. ``bias``: the planted bias is in the response to an incident
    (``label``), in what is written down (``measurement``) or nowhere (``none``); ``bias_size`` multiplies
    it. ``silent_school``: one secondary school sends nothing in the last academic year. ``policy_change``:
    from the half term that begins on that day or later, secondary schools suspend more readily. ``drift``:
    need rises from year to year. ``supported``: half of the listed pupils are helped, and their need falls.

    >>> Switches(bias="measurement").planted().bias_size
    0.0
    """

    no_signal: bool = False
    bias: str = LABEL
    bias_size: float = 1.0
    silent_school: bool = False
    policy_change: dt.date | None = None
    drift: bool = False
    supported: bool = False

    def __post_init__(self) -> None:
        """Refuse what contradicts itself.

        Raises:
            WrongUsage: an unknown bias, a size out of bounds, or switches that cannot hold together.
        """
        if self.bias not in BIASES:
            raise WrongUsage(f"bias is {self.bias!r}; allowed are {', '.join(BIASES)}. Choose one of them.")
        if not 0 < self.bias_size <= MOST_BIAS:
            raise WrongUsage(
                f"bias-size is {self.bias_size:g}; allowed is more than 0 and at most {MOST_BIAS:g}. "
                "For no bias at all say --bias none."
            )
        if self.bias == NONE and self.bias_size != 1.0:
            raise WrongUsage("--bias none has no size. Leave --bias-size out, or choose a bias.")
        if self.no_signal:
            also = {
                "--bias none or measurement": self.bias != LABEL,
                "--bias-size": self.bias_size != 1.0,
                "--policy-change": self.policy_change is not None,
                "--drift": self.drift,
                "--supported": self.supported,
            }
            if clash := [name for name, there in also.items() if there]:
                raise WrongUsage(
                    f"--no-signal cuts every tie to outcomes, and {' and '.join(clash)} would tie one. "
                    "Choose one of them."
                )

    def planted(self) -> Planted:
        """The numbers planted in this world."""
        if self.no_signal:
            return replace(
                PLANTED,
                signal=0.0,
                bias_size=0.0,
                suspend_again=0.0,
                serious_per_day=CONSTANT_RATE,
                permanent=(PLANTED.permanent[0], PLANTED.permanent[0]),
            )
        return replace(
            PLANTED,
            bias_size=self.bias_size if self.bias == LABEL else 0.0,
            recording_bias=self.bias_size if self.bias == MEASUREMENT else 0.0,
            drift_a_year=DRIFT_A_YEAR if self.drift else 0.0,
        )
