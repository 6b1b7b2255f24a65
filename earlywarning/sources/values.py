"""From values as a file holds them to the declared types: each distinct text is read once."""

from __future__ import annotations

import datetime as dt
import math
import re
from collections.abc import Callable, Mapping
from types import MappingProxyType

import pyarrow as pa
import pyarrow.compute as pc

from earlywarning.tables.declare import ARROW, Cell, Type

_MIDNIGHT = r"(?:[T ]00:00(?::00(?:\.0+)?)?)?"
_ISO = re.compile(r"(\d{4})-(\d{2})-(\d{2})" + _MIDNIGHT)
_BRITISH = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4})" + _MIDNIGHT)
_WHOLE = re.compile(r"[+-]?\d{1,18}(?:\.0*)?")
_NUMBER = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?")
_TRUTH = MappingProxyType(
    {
        **dict.fromkeys(("true", "t", "yes", "y", "1"), True),
        **dict.fromkeys(("false", "f", "no", "n", "0"), False),
    }
)


def read_string(text: str) -> str | None:
    """The text itself."""
    return text


def read_date(text: str) -> dt.date | None:
    """A date from YYYY-MM-DD, or DD/MM/YYYY as British spreadsheets write it; None when it is neither.

    >>> read_date("2024-10-01") == read_date("01/10/2024") == read_date("2024-10-01 00:00:00")
    True
    >>> read_date("2024-02-30"), read_date("2024-10-01 11:20"), read_date("45566")
    (None, None, None)
    """
    if iso := _ISO.fullmatch(text):
        year, month, day = iso.groups()
    elif british := _BRITISH.fullmatch(text):
        day, month, year = british.groups()
    else:
        return None
    try:
        return dt.date(int(year), int(month), int(day))
    except ValueError:
        return None


def read_integer(text: str) -> int | None:
    """A whole number, also when written as 4.0; None when it is not one.

    >>> read_integer("4"), read_integer("4.0"), read_integer("4.5"), read_integer("1e3")
    (4, 4, None, None)
    """
    return int(text.partition(".")[0]) if _WHOLE.fullmatch(text) else None


def read_number(text: str) -> float | None:
    """A finite number; None when it is not one.

    >>> read_number("0.06"), read_number("1e-3"), read_number("nan"), read_number("6%")
    (0.06, 0.001, None, None)
    """
    value = float(text) if _NUMBER.fullmatch(text) else math.inf
    return value if math.isfinite(value) else None


def read_boolean(text: str) -> bool | None:
    """True or False from true/false, yes/no, y/n, t/f or 1/0 in any case; None when it is none of them.

    >>> read_boolean("TRUE"), read_boolean("N"), read_boolean("maybe")
    (True, False, None)
    """
    return _TRUTH.get(text.lower())


_READ: Mapping[str, Callable[[str], Cell]] = MappingProxyType(
    {
        "string": read_string,
        "date": read_date,
        "integer": read_integer,
        "number": read_number,
        "boolean": read_boolean,
    }
)


def is_declared(given: pa.DataType, declared: Type) -> bool:
    """Whether a file's own type is the declared one already."""
    if declared == "string":
        return bool(pa.types.is_string(given) or pa.types.is_large_string(given))
    return bool(given == ARROW[declared])


def to_declared(values: pa.Array, declared: Type) -> pa.Array:
    """``values`` as the declared type, shape (n_rows,); a value that cannot be read as it is missing.

    >>> to_declared(pa.array(["1", "x", None]), "integer").to_pylist()
    [1, None, None]
    """
    if is_declared(values.type, declared) and declared != "string":
        return values
    texts = _texts(values, declared)
    if declared == "string":
        return texts
    encoded = texts.dictionary_encode()
    read = [_READ[declared](text) for text in encoded.dictionary.to_pylist()]
    return pa.array(read, ARROW[declared]).take(encoded.indices)


def missing(values: pa.Array) -> pa.Array:
    """Where a file has no value: nothing, or nothing but white space. Shape (n_rows,), boolean."""
    kind = values.type
    if pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_string_view(kind):
        return pc.is_null(_texts(values, "string"))
    return pc.is_null(values, nan_is_null=True)


def _texts(values: pa.Array, declared: Type) -> pa.Array:
    if pa.types.is_floating(values.type):
        values = pc.if_else(pc.is_nan(values), None, values)
        whole = pc.all(pc.equal(pc.floor(values), values)).as_py() is not False
        if whole and declared in ("string", "integer"):
            values = pc.cast(values, pa.int64(), safe=False)  # 7.0 is how a column with gaps holds year 7
    texts = pc.utf8_trim_whitespace(pc.cast(values, pa.string()))
    return pc.if_else(pc.equal(texts, ""), None, texts)
