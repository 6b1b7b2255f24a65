-- One row a school on whose own or main roll a pupil has been, however many spells the roll holds.
CREATE OR REPLACE TEMP TABLE stays AS
WITH each AS (
    SELECT pupil, cut, school_id, min(start_date) AS start_date, max(until) AS until
    FROM rolls
    WHERE status IN ('C', 'M')
    GROUP BY pupil, cut, school_id
)
SELECT each.*, phase, la, start_date = max(start_date) OVER (PARTITION BY pupil, cut, phase) AS last_of_phase
FROM each JOIN schools USING (school_id);

CREATE OR REPLACE TEMP TABLE moves_family AS
WITH
    told AS (
        SELECT stays.*, from_date, listed.school_id = stays.school_id AS here, listed.area,
            phase = 'primary' AS is_primary,
            phase IN ('secondary', 'all_through', 'special', 'alternative_provision') AS is_secondary,
            sum(last_of_phase::INTEGER) OVER (
                PARTITION BY cut, stays.school_id, listed.school_id, listed."group"
            ) - 1 AS came_along
        FROM stays
        JOIN listed USING (pupil, cut)
        LEFT JOIN (FROM lookbacks WHERE lookback = '3t') USING (cut)
    ),
    totals AS (
        SELECT pupil, cut,
            count(*) FILTER (is_primary) AS primaries,
            count(*) FILTER (is_primary AND last_of_phase AND la = area) AS primaries_in_borough,
            coalesce(sum(came_along) FILTER (is_primary AND last_of_phase), 0) AS classmates,
            count(*) FILTER (is_secondary) AS secondaries,
            count(*) FILTER (is_secondary AND until >= from_date) AS secondaries_3t,
            count(*) FILTER (here AND month(start_date) NOT IN (8, 9)) AS joined_in_year,
            count(*) FILTER (here AND from_date IS NOT NULL) AS year_long_3t
        FROM told
        GROUP BY pupil, cut
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
