"""A sealed folder: one JSON file and the texts it lists by hash, written whole, checked when read."""

from __future__ import annotations

import hashlib
import json
import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from earlywarning.errors import GateRefused, MachineRefused, WrongUsage
from earlywarning.files import write_whole
from earlywarning.model.boosting import without_threads

JSON_FILE = "bundle.json"
TO_DO = "Do not score with it: restore the folder from where it was kept, or train again."


def json_bytes(value: Any) -> bytes:
    r"""``value`` as JSON, the same bytes for the same content; undefined is ``null``, and NaN raises.

    >>> json_bytes({"b": 1, "a": None})
    b'{\n "a": null,\n "b": 1\n}\n'
    """
    text = json.dumps(value, sort_keys=True, indent=1, ensure_ascii=False, allow_nan=False, default=_plain)
    return f"{text}\n".encode()


def sha256(data: bytes) -> str:
    """The SHA-256 of ``data`` in hexadecimal."""
    return hashlib.sha256(data).hexdigest()


def hashes(texts: Mapping[str, str]) -> dict[str, str]:
    """The hash of each text by name; the number of threads a booster was grown with does not change it."""
    return {name: sha256(without_threads(text).encode()) for name, text in texts.items()}


def write_sealed(folder: Path, body: Mapping[str, Any], texts: Mapping[str, str]) -> None:
    """Write ``body`` (its ``files`` are the :func:`hashes` of ``texts``) and the texts, for their owner only.

    Raises:
        WrongUsage: the folder exists and holds something else: a model is never overwritten.
        MachineRefused: the disk refused.
    """
    files = {name: text.encode() for name, text in texts.items()}
    files[JSON_FILE] = json_bytes({**body, "seal": sha256(json_bytes(body))})
    if folder.exists():
        if _read(folder / JSON_FILE) == files[JSON_FILE]:
            return
        raise WrongUsage(f"{folder} exists and holds another model or other files: choose a new folder.")
    try:
        _write_folder(folder, files)
    except OSError as error:
        raise MachineRefused(
            f"{folder} could not be written: {error.strerror}. Nothing was left behind; free space, or give"
            " a folder you may write to."
        ) from error


def read_sealed(folder: Path) -> tuple[dict[str, Any], dict[str, str]]:
    """The body and the texts of ``folder``, every hash found right.

    Raises:
        GateRefused: a file is missing or was changed.
    """
    data = _read(folder / JSON_FILE)
    if data is None:
        raise GateRefused(f"{folder} holds no {JSON_FILE}, so it is no model that can be checked. {TO_DO}")
    try:
        body: dict[str, Any] = json.loads(data)
        seal = body.pop("seal")
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise GateRefused(f"{JSON_FILE} in {folder} is not what was written there. {TO_DO}") from error
    if seal != sha256(json_bytes(body)):
        raise GateRefused(f"{JSON_FILE} in {folder} was changed after it was written. {TO_DO}")
    return body, {name: _verified(folder / name, expected) for name, expected in body["files"].items()}


def _verified(path: Path, expected: str) -> str:
    data = _read(path)
    if data is None:
        raise GateRefused(f"{path.name} in {path.parent} is missing. {TO_DO}")
    text = data.decode(errors="replace")
    if hashes({path.name: text}) != {path.name: expected}:
        raise GateRefused(f"{path.name} in {path.parent} was changed after it was written. {TO_DO}")
    return text


def _write_folder(folder: Path, files: Mapping[str, bytes]) -> None:
    """``folder`` with ``files``, renamed into place when complete."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    temporary = Path(tempfile.mkdtemp(prefix=".writing-", dir=folder.parent))  # mkdtemp makes it 0700
    try:
        for name, data in files.items():
            write_whole(temporary / name, data)
        temporary.replace(folder)
    except BaseException:
        shutil.rmtree(temporary, ignore_errors=True)
        raise


def _read(path: Path) -> bytes | None:
    return path.read_bytes() if path.is_file() else None


def _plain(value: Any) -> Any:
    if isinstance(value, np.generic):
        return value.item()
    if isinstance(value, Mapping):
        return dict(value)
    raise TypeError(f"{type(value).__name__} has no place in a bundle: give plain JSON values.")
