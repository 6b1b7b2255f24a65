"""Rows of the tables that are about no pupil: terms and schools."""

from __future__ import annotations

import numpy as np

from earlywarning.synthetic.authority import Authority
from earlywarning.synthetic.writing import Values


def terms_rows(authority: Authority) -> dict[str, Values]:
    """The terms table, the following year's published dates included."""
    years = (*authority.years, authority.following)
    halves = [(year.label, half) for year in years for half in year.half_terms]
    return {
        "academic_year": np.array([label for label, _ in halves]),
        "term": np.array([half.term for _, half in halves]),
        "half_term": np.array([half.half for _, half in halves]),
        "start_date": np.array([half.start for _, half in halves], dtype="datetime64[D]"),
        "end_date": np.array([half.end for _, half in halves], dtype="datetime64[D]"),
    }


def schools_rows(authority: Authority) -> dict[str, Values]:
    """The schools table."""
    schools = authority.schools
    return {
        "school_id": schools.school_id,
        "school_name": schools.name,
        "la": schools.la,
        "phase": schools.phase,
    }
