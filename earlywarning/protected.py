"""Workbooks with a password: encrypted as Office does it (AES-256), opened again, by msoffcrypto-tool."""

from __future__ import annotations

import io
from pathlib import Path

from earlywarning.errors import InputRefused, WrongUsage

_ENCRYPTED = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"  # the container in which Office keeps an encrypted workbook


def is_protected(data: bytes) -> bool:
    """Whether the bytes are those of an encrypted workbook (or of one in the format before 2007).

    >>> is_protected(b"PK")
    False
    """
    return data.startswith(_ENCRYPTED)


def protect(data: bytes, password: str) -> bytes:
    """The workbook, encrypted: Excel and LibreOffice ask for the password. Other bytes each time."""
    from msoffcrypto.format.ooxml import OOXMLFile

    memory = io.BytesIO()
    OOXMLFile(io.BytesIO(data)).encrypt(password, memory)
    return memory.getvalue()


def opened(data: bytes, password: str | None) -> bytes:
    """The workbook as it was before it was encrypted; ``data`` itself where it is not.

    Raises:
        InputRefused: it needs a password and none was given, or another one.
    """
    if not is_protected(data):
        return data
    if password is None:
        raise InputRefused(
            "The workbook has a password. Give the file that holds it with --password-file; nothing was read."
        )
    import msoffcrypto
    from msoffcrypto.exceptions import DecryptionError, FileFormatError, InvalidKeyError, ParseError

    memory = io.BytesIO()
    try:
        file = msoffcrypto.OfficeFile(io.BytesIO(data))
        file.load_key(password=password, verify_password=True)
        file.decrypt(memory)
    except InvalidKeyError:
        raise InputRefused(
            "The password does not open the workbook; nothing was read. Give the one that the copy was made "
            "with (see the record of copies for when and for whom)."
        ) from None
    except (DecryptionError, FileFormatError, ParseError, OSError, ValueError, KeyError, TypeError):
        raise InputRefused(
            "The workbook cannot be opened with its password: it is damaged, or was saved in a format older "
            "than Excel 2007's. Save it again as .xlsx."
        ) from None
    return memory.getvalue()


def password_in(path: Path) -> str:
    """The password on the first line of a file.

    Raises:
        WrongUsage: the file cannot be read as UTF-8 text, or its first line is empty.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise WrongUsage(f"--password-file cannot be read: {error.strerror}.") from None
    except UnicodeDecodeError:
        raise WrongUsage("--password-file is not UTF-8 text. Save it as plain text.") from None
    password = text.split("\n", 1)[0].rstrip("\r")
    if not password:
        raise WrongUsage("--password-file: its first line is the password, and it is empty.")
    return password
