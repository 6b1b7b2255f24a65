-- Only a row makes a value: results sent and taken back are as if they had never been sent.
CREATE OR REPLACE TEMP TABLE ks2_family AS
WITH
    results AS (
        SELECT pupil, date, known_from, subject, scaled_score, outcome,
            CASE WHEN record = 'retraction' THEN -1 ELSE 1 END AS sign
        FROM ks2 JOIN pupils_listed USING (pupil_id)
    ),
    totals AS (
        SELECT pupil, cut,
            count_if(subject = 'reading' AND scaled_score IS NOT NULL AND sign > 0)
                - count_if(subject = 'reading' AND scaled_score IS NOT NULL AND sign < 0) AS reading_ever,
            count_if(subject = 'maths' AND scaled_score IS NOT NULL AND sign > 0)
                - count_if(subject = 'maths' AND scaled_score IS NOT NULL AND sign < 0) AS maths_ever,
            count_if(subject = 'gps' AND scaled_score IS NOT NULL AND sign > 0)
                - count_if(subject = 'gps' AND scaled_score IS NOT NULL AND sign < 0) AS gps_ever,
            coalesce(sum(sign * scaled_score) FILTER (subject = 'reading'), 0) AS reading_score_ever,
            coalesce(sum(sign * scaled_score) FILTER (subject = 'maths'), 0) AS maths_score_ever,
            coalesce(sum(sign * scaled_score) FILTER (subject = 'gps'), 0) AS gps_score_ever,
            coalesce(sum(sign) FILTER (scaled_score IS NULL), 0) AS without_score_ever,
            coalesce(sum(sign) FILTER (outcome IN ('B', 'N', 'T', 'U')), 0) AS below_ever,
            coalesce(sum(sign) FILTER (outcome = 'A'), 0) AS absent_ever
        FROM results JOIN cuts ON date <= as_of_date AND known_from <= as_of_date
        GROUP BY ALL
        HAVING sum(sign) > 0
    )
SELECT pupil_id, as_of_date, totals.* EXCLUDE (pupil, cut),
    rate(reading_score_ever, reading_ever) AS ks2_reading_score_ever,
    rate(maths_score_ever, maths_ever) AS ks2_maths_score_ever,
    rate(gps_score_ever, gps_ever) AS ks2_gps_score_ever,
    ks2_reading_score_ever - ks2_maths_score_ever AS ks2_gap_points_ever,
    without_score_ever AS ks2_without_score_subjects_ever,
    below_ever AS ks2_below_subjects_ever,
    absent_ever AS ks2_absent_subjects_ever
FROM listed LEFT JOIN totals USING (pupil, cut);
