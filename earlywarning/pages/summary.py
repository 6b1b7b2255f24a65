"""A training run in a few lines, for machines and for a screen."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from earlywarning import tracking
from earlywarning.tables.checked import Checked
from earlywarning.trial import MODEL


def summary(metrics: Mapping[str, Any], checked: Checked) -> dict[str, Any]:
    """What a machine needs to know of a training run, ready for JSON."""
    model, winner = metrics["measures"][MODEL], metrics["winner"]
    rule = metrics["measures"][winner["best_rule"]]
    at = ("average_precision", "recall_at_capacity")
    return {
        "auroc": model["auroc"],
        "average_precision": model["average_precision"],
        "recall_at_capacity": model["recall_at_capacity"],
        "precision_at_capacity": model["precision_at_capacity"],
        "brier": model["brier"],
        "calibration_in_the_large": model["calibration_in_the_large"],
        "calibration_slope": model["calibration_slope"],
        "intervals": metrics["intervals"][MODEL],
        "ladder_intervals": metrics["intervals"],
        "best_rule": {"name": winner["best_rule"]} | {name: rule[name] for name in at},
        "difference": winner["difference"],
        "winner": winner["name"],
        "why": winner["why"],
        "canary_auroc": float(np.mean([canary["mean"] for canary in metrics["canary"]])),
        "events": model["events"],
        "n": model["n"],
        "ladder": metrics["measures"],
        "apart": metrics["apart"],
        "differences": metrics["differences"],
        "resampling": metrics["resampling"],
        "unseen_schools": metrics["unseen_schools"],
        "stability": metrics["stability"],
        "lists": metrics["lists"],
        "said": metrics["said"],
        "at_places": metrics["at_places"],
        "tested_on": metrics["tested_on"],
        "data_hash": checked.data_hash,
        "synthetic": checked.synthetic,
    }


def looked(looks: tracking.Looks) -> str:
    """How often the test year has been looked at, in a sentence.

    >>> looked(tracking.Looks()), looked(tracking.Looks(3, 2))
    ('This test year has been looked at once, by this run.',
     'This test year has been looked at 3 times by training runs, 2 of them on these very extracts.')
    """
    if looks.number == 1:
        return "This test year has been looked at once, by this run."
    these = "all" if looks.same_data == looks.number else f"{looks.same_data}"
    of_them = f"{these} of them on these very extracts"
    return f"This test year has been looked at {looks.number} times by training runs, {of_them}."


def summary_lines(summary: Mapping[str, Any], folder: Path, looks: tracking.Looks) -> list[str]:
    """The same for a person at a terminal."""
    rule = summary["best_rule"]
    return [
        *(["INVENTED DATA: nothing here is evidence about real pupils."] if summary["synthetic"] else []),
        f"Tested on {summary['tested_on']}: {summary['events']} events among {summary['n']:,} pupils' terms",
        f"{'':<24}{'average precision':>20}{'recall at capacity':>20}",
        f"{'model':<24}{summary['average_precision']:>20.3f}{summary['recall_at_capacity']:>20.3f}",
        f"{rule['name']:<24}{rule['average_precision']:>20.3f}{rule['recall_at_capacity']:>20.3f}",
        f"AUROC {summary['auroc']:.3f}; canary {summary['canary_auroc']:.3f} (0.5 is no signal)",
        f"The test was won by: {summary['winner']} ({summary['why']})",
        looked(looks),
        "No list is made by a challenger until: earlywarning promote --by NAME --reason TEXT --data DATA",
        f"Report: {folder.parent / tracking.REPORTS / 'report.html'}",
    ]
