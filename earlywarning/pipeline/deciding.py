"""What the panel decided: the filled workbook read back, audited, and offered to schools."""

from __future__ import annotations

import hashlib
from pathlib import Path

from earlywarning import decisions, protected
from earlywarning.errors import InputRefused
from earlywarning.explain.phrases import say
from earlywarning.pipeline.opening import Result

MOST_BYTES = 50 * 1024 * 1024


def import_decisions(
    workbook: Path, *, issue: Path, replace: bool = False, password_file: Path | None = None
) -> Result:
    """The decisions in a filled ``workbook`` of the issue in a folder, kept beside the issues.

    Rows that are understood are kept; of every other row the result says why not, and its exit code is 3.
    Nothing that was kept before is overwritten unless ``replace`` says so, and even then it stays in the
    record. The same workbook again changes nothing.

    Raises:
        InputRefused: the file is no workbook of this issue, or a sheet or a column is gone; nothing was kept.
    """
    opened = decisions.published(issue)
    password = protected.password_in(password_file) if password_file else None
    data = _read(workbook)
    read = decisions.understand(decisions.filled(protected.opened(data, password), opened.without), opened)
    kept = decisions.keep(opened, read, hashlib.sha256(data).hexdigest(), replace=replace)
    faults = [*read.faults, *kept.conflicts]
    rows = {(fault.sheet, fault.row) for fault in faults}
    lines = [
        *(["INVENTED DATA: nothing here is evidence about real pupils."] if opened.synthetic else []),
        f"{opened.title}: {say(kept.new, 'row')} kept, {kept.changed} added to, {kept.same} known already.",
        *([f"Pupils of the list without a row in this workbook: {read.absent}."] if read.absent else []),
        *([f"{say(len(rows), 'row')} not kept:"] if rows else []),
        *(str(fault) for fault in faults),
        *(["Put these right in the workbook and import it again: the rest is kept."] if read.faults else []),
    ]
    if kept.recorded.mark:
        number, digest = kept.recorded.mark.split()
        lines.append(f"To keep in the minutes: entry {number} has the hash {digest}.")
    return {
        "issue": opened.name,
        "new": kept.new,
        "changed": kept.changed,
        "same": kept.same,
        "absent": read.absent,
        "decisions": len(kept.recorded.decisions),
        "nominations": len(kept.recorded.nominations),
        "not_kept": [
            {"sheet": f.sheet, "row": f.row, "column": f.column, "rule": f.rule, "allowed": f.allowed}
            for f in faults
        ],
        "conflicts": len({(fault.sheet, fault.row) for fault in kept.conflicts}),
        "mark": kept.recorded.mark,
        "synthetic": opened.synthetic,
        "exit_code": InputRefused.exit_code if faults else 0,
        "lines": lines,
    }


def _read(workbook: Path) -> bytes:
    try:
        if workbook.stat().st_size > MOST_BYTES:
            raise InputRefused(
                f"The workbook is larger than {MOST_BYTES // 1024**2} MB; a panel's has about one. Copy what "
                "was filled in to the issue's own panel.xlsx and import that."
            )
        return workbook.read_bytes()
    except OSError as error:
        raise InputRefused(f"The workbook {workbook.name} cannot be read: {error.strerror}.") from None
