"""The gates a training run must pass: every check listed here, in the order of its code.

To add a check, write one file with a ``CHECK`` and one line in :data:`CHECKS`.
"""

from __future__ import annotations

from collections.abc import Iterable

from earlywarning.audit.checks import (
    canary,
    few_events,
    future,
    identifier,
    immature,
    overlap,
    separates,
    window,
)
from earlywarning.audit.checks.declare import Check, CheckContext, CheckResult, Finding, Rows, Status
from earlywarning.errors import GateRefused

CHECKS = (
    canary.CHECK,
    identifier.CHECK,
    separates.CHECK,
    overlap.CHECK,
    immature.CHECK,
    window.CHECK,
    few_events.CHECK,
    future.CHECK,
)


def run_checks(ctx: CheckContext, checks: Iterable[Check] = CHECKS) -> tuple[CheckResult, ...]:
    """One result for each check, in order. It refuses nothing: see :func:`refuse_failed`."""
    findings = ((check, check.run(ctx)) for check in checks)
    return tuple(
        CheckResult(check.code, check.title, finding.status, finding.detail, check.to_do)
        for check, finding in findings
    )


def refuse_failed(results: Iterable[CheckResult]) -> None:
    """Nothing, when no check failed.

    Raises:
        GateRefused: one or more failed; the message gives each one's code, title, detail and what to do.
    """
    failed = [result for result in results if result.status == "failed"]
    if failed:
        lines = [f"{r.code} {r.title}: {r.detail}. What to do: {r.to_do}" for r in failed]
        raise GateRefused("\n".join(["The run was refused; nothing was registered.", *lines]))


__all__ = [
    "CHECKS",
    "Check",
    "CheckContext",
    "CheckResult",
    "Finding",
    "Rows",
    "Status",
    "refuse_failed",
    "run_checks",
]
