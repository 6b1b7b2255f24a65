"""The groups of an audit: every attribute, and pair of attributes, as a column of text."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from earlywarning.errors import WrongUsage

NOT_RECORDED = "not recorded"
PAIR = " × "
MOST_GROUPS = 1_000
"""Of an attribute; more are numbers or names, and each group of one pupil."""


def attribute_levels(sensitive_features: pd.DataFrame, pairs: Sequence[tuple[str, str]] = ()) -> pd.DataFrame:
    """Every attribute and pair as a column of strings, missing values as a level of their own.

    Raises:
        WrongUsage: two columns have one name, a pair is not of two columns or stands there twice, or an
            attribute has more than :data:`MOST_GROUPS` groups.

    >>> frame = pd.DataFrame({"sen_provision": ["N", None], "sex": ["F", "M"]})
    >>> attribute_levels(frame, [("sex", "sen_provision")]).iloc[1].tolist()
    ['not recorded', 'M', 'M × not recorded']
    """
    names = [str(name) for name in sensitive_features.columns]
    if twice := sorted({name for name in names if names.count(name) > 1}):
        raise WrongUsage(
            f"sensitive_features has more than one column {', '.join(twice)}: give each attribute once."
        )
    levels = {}
    for place, name in enumerate(names):
        values = pd.Series(sensitive_features.iloc[:, place].to_numpy(dtype=object))
        text = values.astype(str).str.strip()
        levels[name] = text.where(values.notna() & (text != ""), NOT_RECORDED)
    for pair in pairs:
        first, second = _of_two(pair, names)
        joined = first + PAIR + second
        if joined in levels:
            raise WrongUsage(f"pairs: {joined} is there already; give each pair once.")
        levels[joined] = levels[first] + PAIR + levels[second]
    for name, values in levels.items():
        if (many := values.nunique()) > MOST_GROUPS:
            raise WrongUsage(
                f"sensitive_features: {name!r} has {many:,} groups, at most {MOST_GROUPS:,} are audited. If "
                "it is a number, cut it into bands first."
            )
    return pd.DataFrame(levels, index=range(len(sensitive_features)))


def attributes_frame(given: Any) -> pd.DataFrame:
    """``given`` as a pandas DataFrame with a column an attribute.

    Taken are a DataFrame of pandas, or one with ``to_pandas`` (Polars, Arrow), a named Series, and a mapping
    of names to columns.

    Raises:
        WrongUsage: it is anything else, or its columns differ in length.
    """
    if isinstance(given, pd.DataFrame):
        return given
    if isinstance(given, pd.Series) and given.name is not None:
        return given.to_frame()
    if isinstance(given, Mapping):
        if len({len(column) for column in given.values()}) > 1:
            raise WrongUsage("sensitive_features has columns of different lengths.")
        return pd.DataFrame(dict(given))
    frame = given.to_pandas() if hasattr(given, "to_pandas") else None
    if isinstance(frame, pd.DataFrame):
        return frame
    raise WrongUsage(
        f"sensitive_features is {type(given).__name__}: give a DataFrame with a named column an attribute, "
        "such as pd.DataFrame({'sex': ...})."
    )


def _of_two(pair: Sequence[str], names: Sequence[str]) -> tuple[str, str]:
    if isinstance(pair, str) or len(pair) != 2 or pair[0] == pair[1]:
        raise WrongUsage(
            f"pairs: {pair!r} is not a pair of two attributes. To cross three, give a column that joins them."
        )
    for name in pair:
        if name not in names:
            raise WrongUsage(
                f"pairs names the attribute {name!r}, which is not a column; allowed: {', '.join(names)}."
            )
    return pair[0], pair[1]
