"""What the panel decided: read from the filled workbook, kept, carried on, offered to schools."""

from earlywarning.decisions.listing import Place, Published, published
from earlywarning.decisions.open_actions import OpenAction, carried, open_actions, with_open_actions
from earlywarning.decisions.reading import Fault, Understood, understand
from earlywarning.decisions.record import Kept, Recorded, keep, needed, recorded
from earlywarning.decisions.workbook import filled

__all__ = [
    "Fault",
    "Kept",
    "OpenAction",
    "Place",
    "Published",
    "Recorded",
    "Understood",
    "carried",
    "filled",
    "keep",
    "needed",
    "open_actions",
    "published",
    "recorded",
    "understand",
    "with_open_actions",
]
