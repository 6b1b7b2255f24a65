"""Pseudonyms: keyed, so that nobody without the key can work them out from a list of UPNs.

The key is one file that only its owner can read, outside every folder of extracts and every folder of
output. Whoever loses it cannot make the same pseudonyms again, and history no longer joins: back it up
where the council keeps secrets.
"""

from __future__ import annotations

import contextlib
import hashlib
import hmac
import json
import os
import secrets
import stat
import sys
import tempfile
from collections.abc import Iterable
from pathlib import Path

from earlywarning.errors import MachineRefused, WrongUsage

KEY_FILE = "EARLYWARNING_KEY_FILE"
"""The environment variable that names the key file, where it is not the user's own default."""
KEY_BYTES = 32
_HEX_DIGITS = 16  # 64 bits: among a million pupils two share a pseudonym with a chance of 3 in 100 million


def pseudonym(upn: str, key: bytes) -> str:
    """The pseudonym of the pupil with this UPN: "p" and 16 hexadecimal digits, the same for the same key.

    >>> pseudonym("a999000024001 ", b"k" * 32) == pseudonym("A999000024001", b"k" * 32)
    True
    >>> len(pseudonym("A999000024001", b"k" * 32))
    17
    """
    return "p" + _keyed(key, "pupil", upn.strip().upper())


def row_key(key: bytes, issue_id: str, purpose: str, pupil_id: str) -> str:
    """The key of a pupil's row in one file of one issue: 16 hexadecimal digits.

    Each ``issue_id`` and ``purpose`` (which file) has its own, so that two files cannot be joined on it.

    >>> row_key(b"k" * 32, "2025-09-26", "panel", "p1") == row_key(b"k" * 32, "2025-09-26", "scores", "p1")
    False
    """
    return _keyed(key, "row", issue_id, purpose, pupil_id)


def load_or_create_key(path: Path | None = None, *, keep_out_of: Iterable[Path] = ()) -> bytes:
    """The key in ``path`` (by default :func:`default_key_path`), made the first time it is asked for.

    Raises:
        WrongUsage: the file lies inside one of the folders ``keep_out_of`` (extracts, models, output).
        MachineRefused: the file cannot be read or written, others may read it, or it holds no key.
    """
    chosen = (path or default_key_path()).expanduser().absolute()
    for folder in keep_out_of:
        if chosen.is_relative_to(folder.expanduser().absolute()):
            raise WrongUsage(
                f"the key file must lie outside '{folder.name}', because whoever gets that folder could then "
                f"undo the pseudonyms. Set {KEY_FILE} to a place of its own."
            )
    try:
        if not chosen.exists():
            _create(chosen)
        return _load(chosen)
    except OSError as error:
        raise MachineRefused(
            f"the key file cannot be opened ({error.strerror}). Set {KEY_FILE} to a file you may write."
        ) from None


def default_key_path() -> Path:
    """Where the key is kept: ``EARLYWARNING_KEY_FILE``, or a file in the user's own settings folder."""
    if named := os.environ.get(KEY_FILE):
        return Path(named)
    home = Path.home()
    if sys.platform == "win32":
        settings = Path(os.environ.get("APPDATA") or home / "AppData" / "Roaming")
    elif sys.platform == "darwin":
        settings = home / "Library" / "Application Support"
    else:
        settings = Path(os.environ.get("XDG_CONFIG_HOME") or home / ".config")
    return settings / "earlywarning" / "pseudonym.key"


def _keyed(key: bytes, *parts: str) -> str:
    # As JSON, so that ("a", "bc") and ("ab", "c") are different messages.
    return hmac.new(key, json.dumps(parts).encode(), hashlib.sha256).hexdigest()[:_HEX_DIGITS]


def _create(path: Path) -> None:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(prefix=".key-", dir=path.parent)  # mkstemp makes it 0600
    try:
        with os.fdopen(handle, "w", encoding="ascii") as file:
            file.write(secrets.token_hex(KEY_BYTES) + "\n")
            file.flush()
            os.fsync(file.fileno())
        # Whole and only if nobody was faster: two runs at once must end up with one key.
        with contextlib.suppress(FileExistsError):
            if sys.platform == "win32":
                Path(temporary).rename(path)  # does not replace there
            else:
                os.link(temporary, path)
    finally:
        Path(temporary).unlink(missing_ok=True)


def _load(path: Path) -> bytes:
    if sys.platform != "win32" and stat.S_IMODE(path.stat().st_mode) & 0o077:
        raise MachineRefused(
            f"others may read the key file '{path.name}'. Make it its owner's alone: chmod 600."
        )
    try:
        key = bytes.fromhex(path.read_text(encoding="ascii").strip())
    except ValueError:
        key = b""
    if len(key) != KEY_BYTES:
        raise MachineRefused(
            f"the key file '{path.name}' holds no key ({2 * KEY_BYTES} hexadecimal digits). Restore it "
            f"from the backup: with a new key every pseudonym would change."
        )
    return key
