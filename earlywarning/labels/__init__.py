"""What happened next: one label a file, listed here by name.

To add a label, write one file and one line in :data:`LABELS`.
"""

from types import MappingProxyType

from earlywarning.labels.declare import Label
from earlywarning.labels.new_suspension import NEW_SUSPENSION

LABELS = MappingProxyType({label.name: label for label in (NEW_SUSPENSION,)})

__all__ = ["LABELS", "Label"]
