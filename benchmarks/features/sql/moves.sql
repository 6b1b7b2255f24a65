-- A school counts once, however many spells its roll holds; subsidiary and guest rolls are no moves.
CREATE OR REPLACE TEMP TABLE moves_family AS
WITH
    stays AS (
        SELECT pupil, cut, school_id, min(start_date) AS start_date, max(until) AS until
        FROM rolls
        WHERE status IN ('C', 'M')
        GROUP BY ALL
    ),
    placed AS (
        SELECT stays.*, phase, la, listed.school_id AS here, area, "group", from_date AS year_from,
            start_date = max(start_date) OVER (PARTITION BY pupil, cut, phase) AS last_of_phase
        FROM stays
        JOIN schools USING (school_id)
        JOIN listed USING (pupil, cut)
        LEFT JOIN (FROM lookbacks WHERE lookback = '3t') USING (cut)
    ),
    accompanied AS (
        SELECT *, count_if(last_of_phase) OVER (PARTITION BY cut, school_id, here, "group") - 1 AS came_along,
            phase = 'primary' AS is_primary,
            phase IN ('secondary', 'all_through', 'special', 'alternative_provision') AS is_secondary
        FROM placed
    ),
    totals AS (
        SELECT pupil, cut,
            count_if(is_primary) AS primaries,
            count_if(is_primary AND last_of_phase AND la = area) AS primaries_in_borough,
            coalesce(sum(came_along) FILTER (is_primary AND last_of_phase), 0) AS classmates,
            count_if(is_secondary) AS secondaries,
            count(*) FILTER (is_secondary AND until >= year_from) AS secondaries_3t,
            count_if(school_id = here AND month(start_date) NOT IN (8, 9)) AS joined_in_year,
            count_if(school_id = here AND year_from IS NOT NULL) AS year_long_3t
        FROM accompanied
        GROUP BY ALL
    )
SELECT pupil_id, as_of_date, totals.* EXCLUDE (pupil, cut),
    secondaries AS moves_secondary_schools_ever,
    CASE WHEN year_long_3t > 0 THEN secondaries_3t END AS moves_secondary_schools_3t,
    joined_in_year AS moves_in_year_flag_ever,
    CASE WHEN primaries > 0 THEN primaries END AS moves_primary_schools_ever,
    CASE WHEN primaries > 0 THEN (primaries_in_borough = 0)::INTEGER END AS moves_outside_flag_ever,
    CASE WHEN primaries > 0 THEN classmates END AS moves_classmates_pupils_ever,
    (primaries > 0)::INTEGER AS moves_history_flag_ever
FROM listed LEFT JOIN totals USING (pupil, cut);
