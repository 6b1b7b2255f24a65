"""What time it is: the one place that looks at the machine's clock."""

from __future__ import annotations

import datetime as dt


def now() -> dt.datetime:
    """The time, in UTC to the second."""
    return dt.datetime.now(dt.UTC).replace(microsecond=0)


def today() -> dt.date:
    """The date where the machine stands."""
    return now().astimezone().date()
