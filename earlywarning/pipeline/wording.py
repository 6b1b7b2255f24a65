"""The phrasebook: written for professionals to review, and an edited copy checked."""

from __future__ import annotations

from pathlib import Path

from earlywarning.errors import WrongUsage
from earlywarning.explain.phrasebook import as_toml, worded
from earlywarning.files import write_whole
from earlywarning.pipeline.opening import Result
from earlywarning.studies import STUDIES


def phrasebook(*, out: Path | None = None, check: Path | None = None) -> Result:
    """Every sentence as declared, written to the new file ``out``; or whether the copy ``check`` can be used.

    Raises:
        WrongUsage: ``out`` is there already, or the copy breaks a rule; every fault is told.
    """
    if check is not None:
        for study in STUDIES.values():
            worded(study, check)
        return {"checked": str(check), "lines": [f"{check.name}: nothing is said that may not be said."]}
    text = as_toml()
    if out is None:
        return {"phrasebook": text, "lines": text.splitlines()}
    if out.exists():
        raise WrongUsage(f"'{out.name}' is there already, and may hold your changes. Choose another name.")
    write_whole(out, text.encode())
    return {"written": str(out), "lines": [f"Phrasebook written to {out}"]}
