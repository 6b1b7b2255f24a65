"""Questions that can be asked: which tables, cohort, families, label and attributes belong together."""

from types import MappingProxyType

from earlywarning.studies.declare import Study
from earlywarning.studies.secondary import SECONDARY
from earlywarning.studies.transition import TRANSITION

STUDIES = MappingProxyType({study.name: study for study in (SECONDARY, TRANSITION)})

__all__ = ["STUDIES", "Study"]
