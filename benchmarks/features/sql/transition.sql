-- Only a record that stands makes a value, and an empty value in it is not a 0.
CREATE OR REPLACE TEMP TABLE transition_family AS
WITH
    records AS (
        SELECT *, CASE WHEN record = 'retraction' THEN -1 ELSE 1 END AS sign
        FROM transition JOIN pupils_listed USING (pupil_id)
    ),
    totals AS (
        SELECT pupil, cut,
            coalesce(sum(sign) FILTER (absence_rate IS NOT NULL), 0) AS rated_ever,
            coalesce(sum(sign * absence_rate), 0) AS absence_ever,
            coalesce(sum(sign) FILTER (suspensions IS NOT NULL), 0) AS told_ever,
            coalesce(sum(sign * suspensions), 0) AS suspensions_ever,
            coalesce(sum(sign) FILTER (concern IS NOT NULL), 0) AS weighed_ever,
            sum(sign * CASE concern WHEN 'high' THEN 2 WHEN 'some' THEN 1 ELSE 0 END) AS concern_ever
        FROM records JOIN cuts ON date <= as_of_date AND known_from <= as_of_date
        GROUP BY ALL
        HAVING sum(sign) > 0
    )
SELECT pupil_id, as_of_date, totals.* EXCLUDE (pupil, cut),
    rate(absence_ever, rated_ever) AS transition_absence_rate_ever,
    CASE WHEN told_ever > 0 THEN suspensions_ever END AS transition_suspensions_count_ever,
    rate(concern_ever, weighed_ever) AS transition_concern_level_ever
FROM listed LEFT JOIN totals USING (pupil, cut);
