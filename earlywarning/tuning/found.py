"""What a search came to: the default beside the best that was tried, in words, and as settings."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from earlywarning.config import Settings
from earlywarning.model.comparison import Estimate
from earlywarning.tuning.bench import Bench, Losses
from earlywarning.tuning.search import Tried


@dataclass(frozen=True)
class Found:
    """The ``default`` and the ``tuned`` settings on the same rows, with all the boosters the model has.

    ``gain``: how much log loss the tuned ones save, with its interval. ``trials``: what was tried, and
    ``one_default`` the default with as few boosters as a trial has.
    """

    trials: tuple[Tried, ...]
    one_default: Losses
    default: Losses
    tuned: Losses
    gain: Estimate

    @property
    def best(self) -> Tried:
        """The trial with the lowest log loss, the first of several."""
        return min(self.trials, key=lambda one: one.log_loss)

    @property
    def worth_it(self) -> bool:
        """Whether the best that was tried beats the default beyond chance."""
        return self.gain.above_zero

    @property
    def chosen(self) -> Mapping[str, float]:
        """The hyperparameters to use: the best that were tried where worth it, else none (the default)."""
        return rounded(self.best.hyperparameters) if self.worth_it else {}

    @property
    def verdict(self) -> str:
        """What to do, in a sentence."""
        if self.worth_it:
            return "The settings found beat the defaults beyond chance inside the training years: use them."
        return "The settings found do not beat the defaults beyond chance: keep the defaults."


def found_on(bench: Bench, trials: Sequence[Tried], one_default: Losses, seeds: int, seed: int) -> Found:
    """The best of ``trials`` and the default, tested again with ``seeds`` boosters and compared."""
    best = min(trials, key=lambda one: one.log_loss)
    default, tuned = bench.tested({}, seeds), bench.tested(rounded(best.hyperparameters), seeds)
    return Found(tuple(trials), one_default, default, tuned, bench.gain(default, tuned, seed))


def rounded(hyperparameters: Mapping[str, float]) -> dict[str, float]:
    """As they are written down, and so as they are tested: three figures are more than a search can tell."""
    return {
        name: value if isinstance(value, int) else float(f"{value:.3g}")
        for name, value in hyperparameters.items()
    }


def found_json(found: Found, bench: Bench) -> dict[str, Any]:
    """The search, ready for JSON."""
    return {
        "tested_inside": list(bench.periods),
        "n": bench.rows,
        "events": bench.events,
        "default": {"log_loss": found.default.log_loss, "by_fold": dict(found.default.by_fold)},
        "tuned": {
            "log_loss": found.tuned.log_loss,
            "by_fold": dict(found.tuned.by_fold),
            "hyperparameters": rounded(found.best.hyperparameters),
        },
        "gain": found.gain.to_json(),
        "worth_it": found.worth_it,
        "verdict": found.verdict,
        "hyperparameters": dict(found.chosen),
        "default_log_loss_one_booster": found.one_default.log_loss,
        "trials": [
            {
                "number": one.number,
                "hyperparameters": dict(one.hyperparameters),
                "log_loss": one.log_loss,
                "by_fold": dict(one.by_fold),
            }
            for one in found.trials
        ],
    }


def found_lines(found: Found, bench: Bench, synthetic: bool) -> list[str]:
    """The same for a person at a terminal."""
    gain, best = found.gain, found.best
    limits = (
        "too few for an interval"
        if gain.lower is None or gain.upper is None
        else f"95% interval {gain.lower:+.5f} to {gain.upper:+.5f}, {gain.by} resampled"
    )
    saved = "an undefined amount" if gain.value is None else f"{gain.value:+.5f}"
    rows = [("log loss", found.default.log_loss, found.tuned.log_loss)] + [
        (f"  in {period}", found.default.by_fold[period], found.tuned.by_fold[period])
        for period in found.default.by_fold
    ]
    return [
        *(["INVENTED DATA: nothing here is evidence about real pupils."] if synthetic else []),
        f"Compared inside the training years, on {', '.join(bench.periods)}; the test year was not touched:",
        f"{bench.events:,} events among {bench.rows:,} pupils' terms",
        f"{'':<24}{'default':>12}{'tuned':>12}",
        *(f"{what:<24}{default:>12.5f}{tuned:>12.5f}" for what, default, tuned in rows),
        f"The best of {len(found.trials)} trials (number {best.number}) saves {saved}: {limits}",
        "It was picked on these very folds, which flatters it.",
        found.verdict,
    ]


def settings_file(settings: Settings, found: Found, about: str) -> str:
    """Settings that ``train --config`` accepts as they are; ``about`` says in a line what they came from."""
    chosen = replace(settings.model, hyperparameters=found.chosen)
    lines = [
        f"# {about}",
        f"# {found.verdict}",
        "# With settings of your own, copy the lines on hyperparameters into them.",
        "",
        f"study = {json.dumps(settings.study)}",
        *([f"label = {json.dumps(settings.label)}"] if settings.label else []),
        "",
        "[features]",
        f"families = {json.dumps(list(settings.features.families))}",
        "",
        "[model]",
        f"seeds = {chosen.seeds}",
        f"refits = {chosen.refits}",
        f"random_state = {chosen.random_state}",
        f"monotone = {json.dumps(chosen.monotone)}",
        "",
        "[model.hyperparameters]",
    ]
    best = rounded(found.best.hyperparameters).items()
    mark = "" if found.worth_it else "# "
    return "\n".join([*lines, *(f"{mark}{name} = {value}" for name, value in best)]) + "\n"
