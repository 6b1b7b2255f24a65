"""A published issue, opened again: what its manifest says, and which references stand on its pages."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from earlywarning.errors import InputRefused
from earlywarning.watchlist.columns import CLOSED
from earlywarning.watchlist.outputs.listing_parquet import COLUMNS
from earlywarning.watchlist.outputs.manifest_json import ASKS_WHEN_CLOSED
from earlywarning.watchlist.rows import BANDS

MANIFEST = "manifest.json"
LISTING = "listing.parquet"


@dataclass(frozen=True)
class Place:
    """Where a reference stands: on which ``page`` (a band of the list, or another), and of which pupil."""

    area: str
    school: str
    group: str
    page: str

    @property
    def listed(self) -> bool:
        """Whether the pupil is on the list."""
        return self.page in BANDS


@dataclass(frozen=True)
class Published:
    """An issue as it lies in its folder. ``places`` are its references; no traceback shows them."""

    folder: Path
    name: str
    study: str
    title: str
    marking: str
    synthetic: bool
    as_of_date: dt.date
    panel_date: dt.date
    destroy_after: dt.date
    hash: str
    format: int
    places: Mapping[str, Place] = field(repr=False)

    @property
    def without(self) -> tuple[str, ...]:
        """Headings that its workbook has not: it was made before they were."""
        return (CLOSED.heading,) if self.format < ASKS_WHEN_CLOSED else ()

    @property
    def listed(self) -> tuple[str, ...]:
        """The references on the list, in the order of its pages."""
        return tuple(ref for ref, place in self.places.items() if place.listed)

    def file(self, name: str) -> bytes:
        """One of its files, as it was published.

        Raises:
            InputRefused: it is missing, or another than the one that was published.
        """
        return _file(self.folder, name, _manifest(self.folder)[0])


def published(folder: Path) -> Published:
    """The issue in ``folder``, its list checked against its manifest.

    Raises:
        InputRefused: the folder is no issue, it was changed, or another version made it.
    """
    manifest, digest = _manifest(folder)
    import pyarrow as pa
    import pyarrow.parquet as pq

    rows = pq.read_table(pa.BufferReader(_file(folder, LISTING, manifest)), columns=list(COLUMNS)).to_pylist()
    return Published(
        folder=folder.absolute(),
        name=manifest["issue"],
        study=manifest["study"],
        title=manifest["title"],
        marking=manifest["marking"],
        synthetic=manifest["synthetic"],
        as_of_date=dt.date.fromisoformat(manifest["as_of_date"]),
        panel_date=dt.date.fromisoformat(manifest["panel_date"]),
        destroy_after=dt.date.fromisoformat(manifest["destroy_after"]),
        hash=digest,
        format=manifest["format"],
        places={row.pop("ref"): Place(**row) for row in rows},
    )


def _manifest(folder: Path) -> tuple[dict[str, Any], str]:
    path = folder / MANIFEST
    try:
        data = path.read_bytes()
    except OSError:
        raise InputRefused(
            f"{folder} is no issue: it has no {MANIFEST} that can be read. Give the folder that "
            "`earlywarning score` wrote, such as issues/secondary-2025-12-31."
        ) from None
    try:
        manifest = json.loads(data)
        if not {"format", "issue", "study", "title", "marking", "destroy_after", "files"} <= set(manifest):
            raise ValueError
    except (ValueError, TypeError):
        raise InputRefused(f"{path} was changed: it is no manifest. Restore the folder.") from None
    return manifest, hashlib.sha256(data).hexdigest()


def _file(folder: Path, name: str, manifest: Mapping[str, Any]) -> bytes:
    if name not in manifest["files"]:
        raise InputRefused(
            f"The issue in {folder} was published without {name}, by another version. Score it again into "
            "another folder, with the same data and model, and use that one."
        )
    try:
        data = (folder / name).read_bytes()
    except OSError as error:
        raise InputRefused(f"{folder / name} cannot be read: {error.strerror}. Restore the folder.") from None
    if hashlib.sha256(data).hexdigest() != manifest["files"][name]["sha256"]:
        raise InputRefused(
            f"{name} in {folder} is not the file that was published: somebody changed it there. Keep that "
            "copy elsewhere, and restore the folder (the same data and model score to the same bytes)."
        )
    return data
