"""Through what the gaps between groups arise: where pupils live, which school they attend, the response.

The true rate of suspensions is taken apart by switching one thing off after the other: the bias in the
response, then the schools' own strictness. What is left comes from need, and so from homes.
"""

from __future__ import annotations

from pathlib import Path

import duckdb
import pandas as pd

QUERY = """
    WITH rate AS (
        SELECT if(la = '207', 'Kensington and Chelsea', 'Westminster') AS area,
               CASE WHEN ethnicity = 'OOTH' THEN 'other' WHEN ethnicity = 'CHNE' THEN 'asian'
                    WHEN ethnicity[1] = 'W' THEN 'white' WHEN ethnicity[1] = 'M' THEN 'mixed'
                    WHEN ethnicity[1] = 'A' THEN 'asian' WHEN ethnicity[1] = 'B' THEN 'black' END AS major,
               -ln(1 - probability) AS given, -ln(1 - without_bias) AS unbiased,
               -ln(1 - without_both) AS by_need
        FROM read_parquet(?) JOIN read_parquet(?) USING (school_id) JOIN read_parquet(?) USING (pupil_id)
        WHERE phase = 'secondary' AND probability < 1),
    everyone AS (SELECT area, avg(given) AS given, avg(unbiased) AS unbiased, avg(by_need) AS by_need
                 FROM rate GROUP BY 1)
    SELECT rate.area, major, avg(rate.given) / any_value(everyone.given) AS times,
           avg(rate.by_need) / any_value(everyone.by_need) AS home,
           avg(rate.unbiased) / any_value(everyone.unbiased) AS with_school
    FROM rate JOIN everyone USING (area) WHERE major IS NOT NULL GROUP BY ALL ORDER BY ALL
"""


def channels(folder: Path) -> pd.DataFrame:
    """For each borough and major group the rate over the borough's, as factors that multiply to it.

    ``home`` is what need alone would give, ``school`` what the schools attended add, ``response`` what the
    planted bias adds; ``times`` is their product.
    """
    paths = [str(folder / name) for name in ("truth/outlook.parquet", "schools.parquet", "pupils.parquet")]
    with duckdb.connect() as connection:
        table = connection.execute(QUERY, paths).df()
    table["school"] = table["with_school"] / table["home"]
    table["response"] = table["times"] / table["with_school"]
    return table[["area", "major", "home", "school", "response", "times"]].round(2)
