"""Files for their owner only, written whole or not at all, and by one run at a time."""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from earlywarning.errors import MachineRefused

if sys.platform == "win32":
    import msvcrt
else:
    import fcntl


def write_whole(path: Path, data: bytes) -> None:
    """Write ``data`` to ``path``, readable by its owner only; a crash leaves what was there before.

    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     write_whole(Path(folder, "a.txt"), b"whole")
    ...     Path(folder, "a.txt").read_bytes()
    b'whole'
    """
    handle, temporary = tempfile.mkstemp(prefix=".writing-", dir=path.parent)  # mkstemp makes it 0600
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        Path(temporary).replace(path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


@contextmanager
def only_run(lock: Path, refusal: str) -> Iterator[None]:
    """Holds ``lock`` during the block; the system lets it go when the process ends, however it ends.

    Raises:
        MachineRefused: with the message ``refusal``, when another run holds it.
    """
    handle = os.open(lock, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        try:
            if sys.platform == "win32":
                msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)
            else:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise MachineRefused(refusal) from error
        yield
    finally:
        os.close(handle)
