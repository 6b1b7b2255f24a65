-- A part of a whole, missing where there is none of it.
CREATE OR REPLACE TEMP MACRO rate(part, whole) AS CASE WHEN whole > 0 THEN part / whole END;

-- Whether each look-back of a listed pupil was visible: the sources of a feed that the pupil was with (located:
-- a table of pupil, cut, source, there_from, there_to) have sent it for half of the school days.
CREATE OR REPLACE TEMP MACRO common(a_from, a_to, b_from, b_to) AS
    greatest(least(a_to, b_to) - greatest(a_from, b_from), 0);

-- A visible pupil without rows has 0; a pupil who is not visible has no value.
CREATE OR REPLACE TEMP MACRO shown(visible, value) AS CASE WHEN visible THEN coalesce(value, 0) END;

CREATE OR REPLACE TEMP MACRO visible(feed_name, located) AS TABLE
WITH
    received AS (
        SELECT cut, source, first.before AS from_day, last.upto AS to_day
        FROM (
            SELECT source, known_from,
                greatest(from_date, (SELECT min(day) FROM days)) AS from_date,
                least(to_date, (SELECT max(day) FROM days)) AS to_date
            FROM coverage WHERE feed = feed_name
        )
        JOIN days AS first ON first.day = from_date
        JOIN days AS last ON last.day = to_date
        JOIN cuts ON known_from <= as_of_date
    ),
    marked AS (
        SELECT *, coalesce(from_day > max(to_day) OVER earlier, true)::INTEGER AS is_first
        FROM received
        WINDOW earlier AS (
            PARTITION BY cut, source ORDER BY from_day, to_day ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
        )
    ),
    numbered AS (
        SELECT *, sum(is_first) OVER (PARTITION BY cut, source ORDER BY from_day, to_day) AS stretch FROM marked
    ),
    covered AS (
        SELECT cut, source, min(from_day) AS from_day, max(to_day) AS to_day
        FROM numbered GROUP BY cut, source, stretch
    ),
    seen AS (
        SELECT pupil, cut, greatest(there_from, from_day) AS from_day, least(there_to, to_day) AS to_day
        FROM query_table(located) JOIN covered USING (cut, source)
        WHERE least(there_to, to_day) > greatest(there_from, from_day)
    ),
    -- On two rolls a school day still counts once.
    once AS (
        SELECT pupil, cut, to_day, greatest(from_day, coalesce(max(to_day) OVER earlier, 0)) AS from_day
        FROM seen
        WINDOW earlier AS (
            PARTITION BY pupil, cut ORDER BY from_day, to_day ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
        )
    )
SELECT pupil, cut,
    sum(common(from_day, to_day, "1ht_from_day", "1ht_to_day")) >= any_value("1ht_needed") AS visible_1ht,
    sum(common(from_day, to_day, "1ht_before_from_day", "1ht_before_to_day"))
        >= any_value("1ht_before_needed") AS visible_1ht_before,
    sum(common(from_day, to_day, "1ht_year_ago_from_day", "1ht_year_ago_to_day"))
        >= any_value("1ht_year_ago_needed") AS visible_1ht_year_ago,
    sum(common(from_day, to_day, "1t_from_day", "1t_to_day")) >= any_value("1t_needed") AS visible_1t,
    sum(common(from_day, to_day, "3t_from_day", "3t_to_day")) >= any_value("3t_needed") AS visible_3t,
    sum(common(from_day, to_day, "1y_from_day", "1y_to_day")) >= any_value("1y_needed") AS visible_1y
FROM once JOIN lookback_days USING (cut)
GROUP BY pupil, cut;
