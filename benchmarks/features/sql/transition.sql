CREATE OR REPLACE TEMP TABLE transition_family AS
WITH
    passed_on AS (
        SELECT pupil, date, known_from, absence_rate, suspensions, concern,
            CASE WHEN record = 'retraction' THEN -1 ELSE 1 END AS n
        FROM transition JOIN pupils_listed USING (pupil_id)
    ),
    totals AS (
        SELECT pupil, cut,
            coalesce(sum(n) FILTER (absence_rate IS NOT NULL), 0) AS rated_ever,
            coalesce(sum(n * absence_rate), 0) AS absence_ever,
            coalesce(sum(n) FILTER (suspensions IS NOT NULL), 0) AS told_ever,
            coalesce(sum(n * suspensions), 0) AS suspensions_ever,
            coalesce(sum(n) FILTER (concern IS NOT NULL), 0) AS weighed_ever,
            sum(n * CASE concern WHEN 'some' THEN 1 WHEN 'high' THEN 2 ELSE 0 END) AS concern_ever
        FROM passed_on JOIN cuts ON date <= as_of_date AND known_from <= as_of_date
        GROUP BY pupil, cut
        HAVING sum(n) > 0
    )
SELECT pupil_id, as_of_date, totals.* EXCLUDE (pupil, cut),
    absence_ever / nullif(rated_ever, 0) AS transition_absence_rate_ever,
    CASE WHEN told_ever > 0 THEN suspensions_ever END AS transition_suspensions_count_ever,
    concern_ever / nullif(weighed_ever, 0) AS transition_concern_level_ever
FROM listed LEFT JOIN totals USING (pupil, cut);
