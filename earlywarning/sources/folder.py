"""A folder of extracts: which file holds which table, when it was taken, and what its bytes hash to."""

from __future__ import annotations

import datetime as dt
import hashlib
import tomllib
from collections.abc import Collection, Iterable, Mapping
from difflib import get_close_matches
from pathlib import Path

from earlywarning import clock
from earlywarning.errors import InputRefused
from earlywarning.sources.declare import Format
from earlywarning.sources.stage import stage
from earlywarning.tables.declare import Table
from earlywarning.tables.extracts import Extracts, Received

EXTRACT = "extract.toml"
_HOW = (
    "Write it beside the tables with two lines: 'extracted_on = 2026-08-31', the day the extract was taken, "
    "and 'synthetic = false' (true only for invented data)."
)


def read_folder(
    folder: Path, tables: Mapping[str, Table], formats: Mapping[str, Format], scratch: Path
) -> Extracts:
    """The tables received in ``folder``; ``scratch`` is a private folder for those that need their types set.

    Raises:
        InputRefused: the folder, ``extract.toml``, a required table or a required column is missing, a
            required table is empty, a table is there in two formats, or a file cannot be read.
    """
    if not folder.is_dir():
        what = f"'{folder.name}' is a file" if folder.exists() else f"there is no folder '{folder.name}'"
        raise InputRefused(f"{what}. Give the folder that holds the extracts.")
    extracted_on, synthetic = _extract(folder / EXTRACT)
    files = {name: _find(folder, table, formats, known=tables) for name, table in tables.items()}
    there = {name: found for name, found in files.items() if found is not None}
    received = {name: stage(path, format_, tables[name], scratch) for name, (path, format_) in there.items()}
    refuse_empty(received, tables)
    read = [folder / EXTRACT, *(path for path, _ in there.values())]
    return Extracts(received, extracted_on, synthetic, hashed(read))


def refuse_empty(received: Mapping[str, Received], tables: Mapping[str, Table]) -> None:
    """Nothing; raises ``InputRefused`` when a required table has no rows."""
    for name, table in received.items():
        if tables[name].required and not table.read:
            raise InputRefused(f"table '{name}' is empty and is required. Export it again with its rows.")


def hashed(paths: Iterable[Path]) -> str:
    """The SHA-256 of the names and contents of some files."""
    whole = hashlib.sha256()
    for path in sorted(paths, key=lambda path: path.name):
        with path.open("rb") as file:
            whole.update(path.name.encode() + b"\0" + hashlib.file_digest(file, "sha256").digest())
    return whole.hexdigest()


def _extract(path: Path) -> tuple[dt.date, bool]:
    try:
        given = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except FileNotFoundError:
        raise InputRefused(f"{EXTRACT} is missing. {_HOW}") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError):
        raise InputRefused(f"{EXTRACT} is not valid TOML. {_HOW}") from None
    unknown = sorted(set(given) - {"extracted_on", "synthetic"})
    if unknown:
        raise InputRefused(f"{EXTRACT}: '{unknown[0]}' is not known. {_HOW}")
    extracted_on, synthetic = given.get("extracted_on"), given.get("synthetic", False)
    if not isinstance(extracted_on, dt.date) or isinstance(extracted_on, dt.datetime):
        raise InputRefused(f"{EXTRACT}: 'extracted_on' must be a date without quotes. {_HOW}")
    if not isinstance(synthetic, bool):
        raise InputRefused(f"{EXTRACT}: 'synthetic' must be true or false. {_HOW}")
    if extracted_on > clock.today() and not synthetic:
        raise InputRefused(f"{EXTRACT}: 'extracted_on' lies in the future. {_HOW}")
    return extracted_on, synthetic


def _find(
    folder: Path, table: Table, formats: Mapping[str, Format], known: Collection[str]
) -> tuple[Path, Format] | None:
    found = [(folder / f"{table.name}.{suffix}", format_) for suffix, format_ in formats.items()]
    found = [(path, format_) for path, format_ in found if path.is_file()]
    if len(found) > 1:
        names = " and ".join(path.name for path, _ in found)
        raise InputRefused(f"table '{table.name}' is there twice: {names}. Keep the one that is meant.")
    if found:
        return found[0]
    if table.required:
        names = " or ".join(f"{table.name}.{suffix}" for suffix in formats)
        unknown = sorted(p.name for p in folder.iterdir() if p.is_file() and p.stem not in known)
        near = get_close_matches(f"{table.name}.csv", unknown, n=1)
        hint = f" Is it '{near[0]}'? Rename it." if near else ""
        raise InputRefused(f"table '{table.name}' is missing and is required: add {names}.{hint}")
    return None
