"""The last step: names meet the list, in a marked copy for one person, outside the issue, and on record."""

from earlywarning.naming.copies import Copies, copies_of, next_copy
from earlywarning.naming.marked import marked_copy
from earlywarning.naming.names import names_by_reference
from earlywarning.naming.page import named_page

__all__ = ["Copies", "copies_of", "marked_copy", "named_page", "names_by_reference", "next_copy"]
