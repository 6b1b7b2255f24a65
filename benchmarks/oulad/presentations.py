"""The four presentations used, and how a day of a presentation becomes a date.

The dataset counts days from the start of a presentation and does not say on which date that was. Taken
here: presentations marked B begin on 1 February and those marked J on 1 October, the months the dataset's
authors give. Only the order of the presentations depends on it.
"""

from __future__ import annotations

import datetime as dt
from types import MappingProxyType
from typing import Final

PRESENTATIONS: Final = (("AAA", "2013J"), ("AAA", "2014J"), ("BBB", "2013B"), ("BBB", "2013J"))

STARTS: Final = MappingProxyType({"B": (2, 1), "J": (10, 1)})

RUN_UP: Final = 10
"""Days before the start on which every presentation's site was open; clicks before that are not looked at."""

CLICKS_COMPLETE_TO: Final = MappingProxyType({"BBB-2013J": 132})
"""Last day with every click, where that is before the end: the published file was cut in a spreadsheet."""


def started(presentation: str) -> dt.date:
    """The first day of a presentation.

    >>> started("2013J")
    datetime.date(2013, 10, 1)
    """
    return dt.date(int(presentation[:4]), *STARTS[presentation[4:]])


def school_id(module: str, presentation: str) -> str:
    """What the core calls the school.

    >>> school_id("BBB", "2013J")
    'BBB-2013J'
    """
    return f"{module}-{presentation}"


def period(module: str, presentation: str) -> str:
    """What the splits go by: in text order the presentations are in order of time.

    >>> sorted([period("AAA", "2014J"), period("BBB", "2013J"), period("BBB", "2013B")])
    ['2013B-BBB', '2013J-BBB', '2014J-AAA']
    """
    return f"{presentation}-{module}"


def spoken(school: str) -> str:
    """A presentation as people say it.

    >>> spoken("BBB-2013J")
    'module BBB from October 2013'
    """
    module, _, presentation = school.partition("-")
    return f"module {module} from {started(presentation):%B %Y}"
