-- What every family needs of the calendar, from the spine (pupil_id, as_of_date, ...) and the terms.

CREATE OR REPLACE TEMP TABLE cuts AS
SELECT as_of_date, row_number() OVER (ORDER BY as_of_date)::INTEGER AS cut
FROM (SELECT DISTINCT as_of_date FROM spine);

-- Pupils by number: whole numbers are grouped and joined faster than pseudonyms.
CREATE OR REPLACE TEMP TABLE pupils_listed AS
SELECT pupil_id, row_number() OVER (ORDER BY pupil_id)::INTEGER AS pupil
FROM (SELECT DISTINCT pupil_id FROM spine);

CREATE OR REPLACE TEMP TABLE listed AS
SELECT pupil, cut, spine.*
FROM spine JOIN pupils_listed USING (pupil_id) JOIN cuts USING (as_of_date);

CREATE OR REPLACE TEMP TABLE half_terms AS
SELECT row_number() OVER (ORDER BY start_date) AS number, academic_year, start_date, end_date FROM terms;

-- Look-backs in half terms, from the one under way: skip so many, reach back so many.
CREATE OR REPLACE TEMP TABLE lookbacks AS
WITH
    named (lookback, skip, upto) AS (
        VALUES ('1ht', 0, 1), ('1ht_before', 1, 2), ('1ht_year_ago', 6, 7), ('1t', 0, 2), ('3t', 0, 6)
    ),
    now AS (
        SELECT cut, as_of_date, max(number) AS number, max_by(academic_year, number) AS academic_year
        FROM cuts JOIN half_terms ON start_date <= as_of_date
        GROUP BY cut, as_of_date
    )
SELECT cut, as_of_date, lookback, first.start_date AS from_date,
    CASE WHEN skip = 0 THEN as_of_date ELSE after.start_date - 1 END AS to_date
FROM now
CROSS JOIN named
JOIN half_terms AS first ON first.number = now.number - upto + 1
LEFT JOIN half_terms AS after ON after.number = now.number - skip + 1
UNION ALL
SELECT cut, as_of_date, '1y', min(start_date), as_of_date
FROM now JOIN half_terms USING (academic_year)
GROUP BY cut, as_of_date;

-- Segments: stretches of days that no look-back begins or ends inside.
CREATE OR REPLACE TEMP TABLE segments AS
WITH bounds AS (
    SELECT from_date AS start_date FROM lookbacks UNION SELECT to_date + 1 FROM lookbacks
)
SELECT row_number() OVER (ORDER BY start_date)::INTEGER AS segment, start_date,
    coalesce(lead(start_date) OVER (ORDER BY start_date) - 1, start_date) AS end_date
FROM bounds;

CREATE OR REPLACE TEMP TABLE lookback_segments AS
SELECT cut, lookback, segment
FROM lookbacks JOIN segments ON start_date BETWEEN from_date AND to_date;

-- School days by number: weekdays inside a half term.
CREATE OR REPLACE TEMP TABLE school_days AS
SELECT DISTINCT day::DATE AS day
FROM half_terms, generate_series(start_date, end_date, INTERVAL 1 DAY) AS s (day)
WHERE isodow(day) < 6;

-- Each day: school days before it, school days up to it.
CREATE OR REPLACE TEMP TABLE days AS
WITH every_day AS (
    SELECT day::DATE AS day
    FROM (SELECT min(day) AS first, greatest(max(day), (SELECT max(as_of_date) FROM cuts)) AS last FROM school_days),
        generate_series(first, last, INTERVAL 1 DAY) AS s (day)
)
SELECT every_day.day, school_days.day IS NOT NULL AS is_school_day,
    count(school_days.day) OVER (ORDER BY every_day.day)::INTEGER AS upto,
    upto - is_school_day::INTEGER AS before
FROM every_day LEFT JOIN school_days USING (day);

-- Each day with its segment and the number of its school week (0 where the week has no school day).
CREATE OR REPLACE TEMP TABLE segment_days AS
SELECT day::DATE AS date, segment,
    coalesce(date_diff('day', DATE '1990-01-01', monday), 0)::INTEGER // 7 AS week
FROM segments, generate_series(start_date, end_date, INTERVAL 1 DAY) AS s (day)
LEFT JOIN (SELECT DISTINCT date_trunc('week', day)::DATE AS monday FROM school_days) AS weeks
    ON monday = date_trunc('week', s.day)::DATE;

-- The first cut on which something was known that reached the authority on a day.
CREATE OR REPLACE TEMP TABLE known_days AS
SELECT day::DATE AS known_from, min(cut) AS known_at
FROM (SELECT min(as_of_date) AS first, max(as_of_date) AS last FROM cuts),
    generate_series(first, last, INTERVAL 1 DAY) AS s (day)
JOIN cuts ON as_of_date >= day
GROUP BY day;

-- Each cut's look-backs in school days: from, to, and how many have to be covered.
CREATE OR REPLACE TEMP TABLE lookback_days AS
WITH numbered AS (
    SELECT cut, lookback, first.before AS from_day, last.upto AS to_day,
        greatest((to_day - from_day) / 2, 1) AS needed
    FROM lookbacks JOIN days AS first ON first.day = from_date JOIN days AS last ON last.day = to_date
)
PIVOT numbered ON lookback IN ('1ht', '1ht_before', '1ht_year_ago', '1t', '3t', '1y')
USING max(from_day) AS from_day, max(to_day) AS to_day, max(needed) AS needed;
