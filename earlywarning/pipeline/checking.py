"""An account of every row of the extracts."""

from __future__ import annotations

from pathlib import Path

from earlywarning.config import Settings
from earlywarning.pipeline.opening import Result, Step, asked, checked_extracts, quiet
from earlywarning.tables.check import write_quarantine


def check_extracts(
    folder: Path, *, settings: Settings | None = None, quarantine: Path | None = None, step: Step = quiet
) -> Result:
    """An account of every row in ``folder``: read, used, set aside and why."""
    study, settings = asked(None, settings)
    step("checking the extracts")
    with checked_extracts(study, folder, settings) as checked:
        if quarantine is not None:
            write_quarantine(checked, quarantine)
        told = checked.to_dict()
    lines = [f"{'table':<14}{'read':>12}{'used':>12}{'set aside':>12}"]
    for name, counts in told["tables"].items():
        lines.append(f"{name:<14}{counts['read']:>12,}{counts['used']:>12,}{counts['quarantined']:>12,}")
        lines += [
            f"    {fault['rule']} ({fault['column'] or fault['allowed']}): {fault['rows']:,}"
            for fault in counts["faults"]
        ]
        lines += [
            f"    {each['rule']} ({each['column']}): {each['rows']:,}. {_AGAIN}"
            for each in counts["warnings"]
        ]
    return told | {"lines": lines}


_AGAIN = (
    "They are used, each as an event of its own. Where one was corrected, send the earlier row again as a "
    "retraction."
)
