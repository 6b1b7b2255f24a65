"""What people call an attribute, a group of it and a metric."""

from __future__ import annotations

from collections.abc import Iterable
from types import MappingProxyType

from earlywarning import codes
from earlywarning.audit.attributes import NOT_RECORDED, PAIR

ATTRIBUTES = MappingProxyType(
    {
        "ethnicity": "ethnicity (DfE code)",
        "ethnicity_major": "ethnicity (major group)",
        "sen_provision": "special educational needs",
        "sen_primary_need": "primary need",
        "sex": "sex",
        "fsm_eligible": "free school meals",
        "eal": "first language other than English",
        "looked_after": "looked after",
        "in_need": "in need or on a protection plan",
        "nc_year": "year group",
        "school": "school",
        "borough": "borough of the school",
    }
)
_CODE_SETS = MappingProxyType(
    {
        "ethnicity": "ethnicity",
        "sen_provision": "sen_provision",
        "sen_primary_need": "sen_type",
        "sex": "sex",
        "borough": "la",
    }
)
_YES_NO = ("fsm_eligible", "eal", "looked_after", "in_need")


AS_RECORDED = ("ethnicity", "ethnicity_major", "sex", "fsm_eligible", "eal")
"""What extracts hold without dates: as it stood on their day, whatever was so on the day of a list."""


def as_recorded(attributes: Iterable[str]) -> str:
    """The sentence about those of ``attributes`` that have no dates; "" where all have.

    >>> as_recorded(["fsm_eligible", "nc_year"])
    "As recorded on the extract's day, not on the day of each list: free school meals."
    """
    undated = [ATTRIBUTES[each] for each in attributes if each in AS_RECORDED]
    told = "As recorded on the extract's day, not on the day of each list"
    return f"{told}: {', '.join(undated)}." if undated else ""


def attribute_words(attribute: str) -> str:
    """An attribute, or both of a pair; one that is not known as it stands.

    >>> attribute_words("ethnicity_major × sen_provision"), attribute_words("club")
    ('ethnicity (major group) × special educational needs', 'club')
    """
    return PAIR.join(ATTRIBUTES.get(each, each) for each in attribute.split(PAIR))


def group_words(attribute: str, group: str) -> str:
    """A group of an attribute with its code, or of a pair; a code that is not known as it stands.

    >>> group_words("ethnicity", "BCRB"), group_words("ethnicity × sex", "BCRB × F")
    ('Black Caribbean (BCRB)', 'Black Caribbean (BCRB) × female (F)')
    >>> group_words("fsm_eligible", "no"), group_words("club", "chess")
    ('free school meals: no', 'chess')
    """
    attributes, groups = attribute.split(PAIR), group.split(PAIR)
    if len(attributes) == len(groups) > 1:
        return PAIR.join(map(group_words, attributes, groups))
    if attribute in _YES_NO:
        return f"{ATTRIBUTES.get(attribute, attribute)}: {group}"
    if attribute == "nc_year" and group != NOT_RECORDED:
        return f"Year {group}"
    if (name := _CODE_SETS.get(attribute)) and group in codes.load(name).allowed():
        return f"{codes.load(name).label(group)} ({group})"
    return group


def named(attribute: str, group: str) -> str:
    """The attribute with the group, each said once.

    >>> named("sex", "F"), named("fsm_eligible", "no")
    ('sex: female (F)', 'free school meals: no')
    """
    both = attribute_words(attribute), group_words(attribute, group)
    return both[1] if both[1].startswith(f"{both[0]}: ") else ": ".join(both)
