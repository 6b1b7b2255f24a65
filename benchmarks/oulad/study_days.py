"""The days of a presentation on which the study is asked."""

from typing import Final

DAYS: Final = (14, 28, 56, 84, 112)
LAST_DAY: Final = DAYS[-1]
