"""One tree of errors that a user can put right, one exit code for each kind.

Anything raised that is not an :class:`EarlyWarningError` is a bug in the library. A message names the
table, the column, the rule and the count, says what is allowed and what to do next, and never holds a
value that belongs to a pupil.
"""

from __future__ import annotations

from typing import ClassVar


class EarlyWarningError(Exception):
    """An error the user can put right; ``exit_code`` is what the command line returns."""

    exit_code: ClassVar[int] = 1


class WrongUsage(EarlyWarningError):
    """The command, an option, the settings or a place to write is off (exit code 2)."""

    exit_code = 2


class InputRefused(EarlyWarningError):
    """What was given to read is not there, or cannot be used as it is (exit code 3).

    That is the extracts, an issue, a filled workbook or a file of names; settings are :class:`WrongUsage`.
    """

    exit_code = 3


class GateRefused(EarlyWarningError):
    """A gate or a model's contract refused (exit code 4)."""

    exit_code = 4


class MachineRefused(EarlyWarningError):
    """The machine refused: disk, permission or lock (exit code 5)."""

    exit_code = 5


class NotAvailable(UserWarning):
    """Features that a source cannot give; the model's contract decides whether it can do without them."""
