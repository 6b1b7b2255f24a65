"""When Spark is worth it: the batch run on DuckDB and on a local Spark, the same data and the same list."""
