"""The last step of an issue: a marked copy with names, for one person, on record before it is made."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from earlywarning import identity, protected
from earlywarning.decisions import Published, published
from earlywarning.errors import InputRefused, MachineRefused, WrongUsage
from earlywarning.files import write_whole
from earlywarning.naming import marked_copy, named_page, names_by_reference, next_copy
from earlywarning.pipeline.opening import Result, Step, quiet
from earlywarning.watchlist.outputs import panel_html

SHORTEST_PASSWORD = 12


def name(
    issue: Path,
    *,
    by: str,
    recipient: str,
    reason: str,
    names: Path,
    out: Path,
    password_file: Path | None = None,
    step: Step = quiet,
) -> Result:
    """A copy of the issue's workbook and page with names from a file, for one ``recipient``, in ``out``.

    Who made it, when, for whom and why is on record before the copy is: in ``copies.jsonl`` beside the
    issues, without any pupil. With ``password_file`` the workbook asks for a password, and no page is
    written: a page cannot ask.

    Raises:
        WrongUsage: ``out`` or ``names`` lies in an issue's folder, or an option is off.
        InputRefused: the issue's workbook was changed, or the names file cannot be used.
        GateRefused: the record of copies was changed by hand.
        MachineRefused: the record or the copy cannot be written.
    """
    opened = published(issue)
    out = out.expanduser().absolute()
    _refuse_inside(out, names.expanduser().absolute())
    password = protected.password_in(password_file) if password_file else None
    if password is not None and len(password) < SHORTEST_PASSWORD:
        raise WrongUsage(f"--password-file: give a password of {SHORTEST_PASSWORD} characters or more.")
    workbook, page = opened.file("panel.xlsx"), opened.file("panel.html")
    foot = panel_html.foot(opened.marking, synthetic=opened.synthetic)
    key = identity.load_or_create_key(keep_out_of=[opened.folder.parent, out])
    found = names_by_reference(names, opened.places, key, opened.name)
    listed = len(opened.listed)
    unnamed = sum(ref not in found for ref in opened.listed)
    if listed and unnamed == listed:
        raise InputRefused(
            f"None of the {listed:,} pupils on the list is in the names file; {len(found):,} others in the "
            "workbook are. No copy was made. Add the pupils on the list to the file, and run again."
        )
    with next_copy(opened, by=by, recipient=recipient, reason=reason, names=len(found)) as copy:
        step("writing the copy")
        path = out / f"{opened.name}-copy-{copy.number}.xlsx"
        data = marked_copy(workbook, found, copy.mark)
        if password is None:
            sheets = named_page(page, found, copy.mark, foot)
            _write({path: data, path.with_suffix(".html"): sheets})
        else:
            _write({path: _protected(data, password)})
    return {
        "copy": str(path),
        "page": None if password is not None else str(path.with_suffix(".html")),
        "number": copy.number,
        "named": len(found),
        "listed": listed,
        "listed_without_a_name": unnamed,
        "protected": password is not None,
        "synthetic": opened.synthetic,
        "lines": _lines(opened, path, len(found), unnamed, protected=password is not None),
    }


def _lines(issue: Published, path: Path, named: int, unnamed: int, *, protected: bool) -> list[str]:
    listed = len(issue.listed)
    missing = f"; {unnamed:,} are not in the names file, and stand there without" if unnamed else ""
    return [
        *(["INVENTED DATA: nothing here is evidence about real pupils."] if issue.synthetic else []),
        f"Copy with names written to {path}",
        *([] if protected else [f"A sheet to print for each pupil: {path.with_suffix('.html')}"]),
        f"Named on the list: {listed - unnamed:,} of {listed:,}{missing}.",
        f"Named elsewhere in the workbook: {named - listed + unnamed:,}",
        _ASKS if protected else "It has no password (--password-file gives the workbook one).",
        f"On record in {issue.folder.parent / 'copies.jsonl'}. Destroy it by {issue.destroy_after}.",
    ]


_ASKS = "It asks for the password. There is no page to print with it: a page cannot ask. The workbook prints."


def _refuse_inside(out: Path, names: Path) -> None:
    """Nothing; raises :class:`WrongUsage` where ``out`` or ``names`` lies in the folder of an issue."""
    for what, path in (("--out", out), ("--names", names)):
        if any((folder / "manifest.json").exists() for folder in (path.resolve(), *path.resolve().parents)):
            raise WrongUsage(
                f"{what} lies inside an issue's folder. Names never lie beside a list without names: give a "
                "place of its own."
            )


def _protected(data: bytes, password: str) -> bytes:
    """The copy with a password, opened again to be sure that it can be."""
    closed = protected.protect(data, password)
    if protected.opened(closed, password) != data:
        raise MachineRefused("The copy could not be encrypted; none was written. Its number stays on record.")
    return closed


def _write(copies: Mapping[Path, bytes]) -> None:
    """Nothing; writes all of the copies or none."""
    out = next(iter(copies)).parent
    written: list[Path] = []
    try:
        out.mkdir(mode=0o700, parents=True, exist_ok=True)
        for path in copies:
            if path.exists():
                raise WrongUsage(
                    f"{path} is already there, and a copy is never overwritten. The number of this one stays "
                    "on record as used: give another --out."
                )
        for path, data in copies.items():
            write_whole(path, data)
            written.append(path)
    except OSError as error:
        for path in written:
            path.unlink(missing_ok=True)
        raise MachineRefused(
            f"The copy could not be written to {out}: {error.strerror or type(error).__name__}. Its "
            "number stays on record as used. Free the disk or the permission, then run again."
        ) from None
