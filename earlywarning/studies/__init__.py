"""Questions that can be asked: which tables, cohort, families, label and attributes belong together."""

from types import MappingProxyType

from earlywarning.studies.declare import Study
from earlywarning.studies.secondary import SECONDARY

STUDIES = MappingProxyType({study.name: study for study in (SECONDARY,)})

__all__ = ["STUDIES", "Study"]
