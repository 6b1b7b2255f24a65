"""Offers for schools, where the policy allows: a file a school, written whole or not at all."""

from __future__ import annotations

import shutil
from pathlib import Path

from earlywarning import decisions
from earlywarning.decisions.offers import file_names, offers_by_school, sheet
from earlywarning.errors import GateRefused, InputRefused, MachineRefused, WrongUsage
from earlywarning.files import write_whole
from earlywarning.pipeline.opening import Result


def offers(issue: Path, *, out: Path, allowed: bool) -> Result:
    """What the panel agreed to offer to pupils of each school, a file a school, under ``out``.

    No band and no reason is in them, nor anybody without an agreed offer. ``allowed`` is the policy's
    ``[sharing] per_school_files``.

    Raises:
        GateRefused: the policy does not allow files for schools.
        InputRefused: no decisions were imported, or no offer was agreed.
        WrongUsage: ``out`` lies inside the issue's folder, or the files are there already.
        MachineRefused: they cannot be written; none is left.
    """
    if not allowed:
        raise GateRefused(
            "Files for schools are off: a list can be used to refuse a pupil or to move one on. Where the "
            "council has decided otherwise, policy.toml says so: [sharing] per_school_files = true."
        )
    opened = decisions.published(issue)
    record = decisions.needed(opened.folder.parent, opened.name)
    agreed = offers_by_school(opened, record)
    if not agreed:
        raise InputRefused(
            f"No action was agreed for any pupil on the list of {opened.name}: there is nothing to offer. "
            "Import the filled workbook first."
        )
    folder = out.expanduser().absolute() / f"{opened.name}-offers"
    if folder.resolve().is_relative_to(opened.folder.resolve()):
        raise WrongUsage("--out lies inside the issue's folder. What goes to schools has a place of its own.")
    if folder.exists():
        raise WrongUsage(f"{folder} is already there; nothing was written. Give another --out.")
    names = file_names(list(agreed))
    _write(folder, {name: sheet(opened, *each) for name, each in zip(names, agreed.items(), strict=True)})
    count = sum(map(len, agreed.values()))
    lines = [
        *(["INVENTED DATA: nothing here is evidence about real pupils."] if opened.synthetic else []),
        f"Offers for {count} pupils of {len(agreed)} schools written to {folder}",
        "Send each school its own file and no other.",
    ]
    return {
        "offers": str(folder),
        "schools": len(agreed),
        "pupils": count,
        "synthetic": opened.synthetic,
        "lines": lines,
    }


def _write(folder: Path, files: dict[str, bytes]) -> None:
    half = folder.with_name(f".{folder.name}.unfinished")
    try:
        folder.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        shutil.rmtree(half, ignore_errors=True)
        half.mkdir(mode=0o700)
        for name, data in files.items():
            write_whole(half / name, data)
        half.rename(folder)
    except OSError as error:
        raise MachineRefused(
            f"The offers could not be written to {folder.parent}: {error.strerror or type(error).__name__}. "
            "Free the disk or the permission, then run again."
        ) from None
    finally:
        shutil.rmtree(half, ignore_errors=True)
