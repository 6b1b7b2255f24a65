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

EXTRAS = MappingProxyType({"polars": "polars", "spark": "spark"})
"""The extra of this package that brings the library of an engine which does not come with it."""


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
        if name not in EXTRAS:
            raise
        raise WrongUsage(
            f"engine '{name}' needs a library that is not installed: pip install "
            f"'earlywarning[{EXTRAS[name]}]', or in a checkout pip install -c constraints.txt "
            f"'.[{EXTRAS[name]}]'. The engine 'duckdb' needs nothing more."
        ) from error
    return make()


__all__ = ["ENGINES", "Engine", "Frame", "MakeBatch", "open_engine"]
