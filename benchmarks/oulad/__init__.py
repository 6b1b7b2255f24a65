"""Real learners: the Open University Learning Analytics Dataset as a study from outside the package.

Nothing of the core is changed for it. The words are the core's: a *pupil* is a learner, a *school* is a
presentation of a module (module BBB begun in October 2013 is ``BBB-2013J``), an *area* is a module.
"""

from benchmarks.oulad.study import DAYS, oulad_study

__all__ = ["DAYS", "oulad_study"]
