-- On whose roll each listed pupil was, as known on each cut. A spell retracted by then is not there, and an end
-- is not known before its own day.
CREATE OR REPLACE TEMP TABLE rolls AS
SELECT pupil, cut, as_of_date, school_id, nc_year, status, start_date,
    min(CASE WHEN record <> 'retraction' THEN end_known_from END) <= as_of_date AS end_is_known,
    CASE WHEN end_is_known THEN end_date END AS known_end,
    coalesce(known_end >= as_of_date, true) AS open,
    CASE WHEN open THEN as_of_date ELSE known_end END AS until
FROM enrolments
JOIN pupils_listed USING (pupil_id)
JOIN cuts ON known_from <= as_of_date AND start_date <= as_of_date
GROUP BY pupil, cut, as_of_date, school_id, nc_year, status, leaving_reason, start_date, end_date
HAVING sum(CASE WHEN record = 'retraction' THEN -1 ELSE 1 END) > 0;

-- The same in school days, as far back as the longest look-back: where a feed would have come from.
CREATE OR REPLACE TEMP TABLE at_school AS
SELECT pupil, cut, school_id AS source,
    coalesce(first.before, 0) AS there_from, last.upto AS there_to
FROM rolls
JOIN (SELECT cut, min(from_date) AS reach FROM lookbacks GROUP BY cut) AS reached USING (cut)
JOIN days AS last ON last.day = until
LEFT JOIN days AS first ON first.day = start_date
WHERE pupil IS NOT NULL AND until >= reach;
