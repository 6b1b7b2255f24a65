"""Where frames live: one entry an engine, opened by name.

To add an engine, write one file and one line in :data:`ENGINES`. An engine's library is imported only
when the engine is opened.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from types import MappingProxyType
from typing import cast

from earlywarning.engines.declare import Engine, Frame, MakeBatch
from earlywarning.errors import WrongUsage

ENGINES = MappingProxyType(
    {
        "duckdb": "earlywarning.engines.duckdb_engine:DuckDBEngine",
        "polars": "earlywarning.engines.polars_engine:PolarsEngine",
        "pandas": "earlywarning.engines.pandas_engine:PandasEngine",
        "spark": "earlywarning.engines.spark_engine:SparkEngine",
    }
)


def open_engine(name: str = "duckdb") -> Engine:
    """The engine called ``name``, ready to use.

    Raises:
        WrongUsage: there is no such engine, or its library is not installed.

    >>> with open_engine("duckdb") as engine:
    ...     engine.name
    'duckdb'
    >>> open_engine("excel")
    Traceback (most recent call last):
    ...
    earlywarning.errors.WrongUsage: engine 'excel' is not known; choose one of: duckdb, polars, pandas, spark
    """
    if name not in ENGINES:
        raise WrongUsage(f"engine {name!r} is not known; choose one of: {', '.join(ENGINES)}")
    module, _, kind = ENGINES[name].partition(":")
    try:
        make = cast("Callable[[], Engine]", getattr(import_module(module), kind))
    except ModuleNotFoundError as error:
        raise WrongUsage(
            f"engine {name!r} needs the library {error.name!r}, which is not installed; "
            f"install it, or set the engine to 'duckdb'"
        ) from error
    return make()


__all__ = ["ENGINES", "Engine", "Frame", "MakeBatch", "open_engine"]
