CREATE OR REPLACE TEMP TABLE incidents AS
SELECT pupil, school_id, date, segment, coalesce(known_at, 1) AS known_at,
    polarity = 'negative' AS negative, polarity = 'positive' AS positive,
    negative AND lower(category) IN (
        'assault', 'bullying', 'damage', 'drugs', 'fighting', 'racism', 'smoking or vaping', 'theft',
        'threatening behaviour', 'verbal abuse', 'violence', 'weapon'
    ) AS serious,
    CASE WHEN negative THEN points ELSE 0 END AS points,
    CASE WHEN record = 'retraction' THEN -1 ELSE 1 END AS n
FROM behaviour
JOIN pupils_listed USING (pupil_id)
JOIN segment_days USING (date)
LEFT JOIN known_days USING (known_from)
WHERE behaviour.known_from <= (SELECT max(as_of_date) FROM cuts);

CREATE OR REPLACE TEMP TABLE behaviour_family AS
WITH
    taken AS (SELECT DISTINCT pupil, segment FROM incidents WHERE n < 0),
    -- Where something was taken back, day by day, so that the last day stands only while rows of it do.
    cells AS (
        SELECT incidents.pupil, incidents.segment, known_at, school_id,
            CASE WHEN taken.pupil IS NOT NULL THEN date END AS taken_day,
            sum(n) FILTER (negative) AS negative, sum(n) FILTER (positive) AS positive,
            sum(n) FILTER (serious) AS serious, sum(n * points) AS points,
            max(date) FILTER (negative AND n > 0) AS last_negative,
            max(date) FILTER (serious AND n > 0) AS last_serious
        FROM incidents LEFT JOIN taken USING (pupil, segment)
        GROUP BY ALL
    ),
    days AS (
        SELECT pupil, cut, lookback, segment, taken_day,
            sum(cells.negative) AS negative, sum(positive) AS positive, sum(cells.serious) AS serious,
            sum(points) AS points,
            sum(cells.negative) FILTER (cells.school_id <> listed.school_id) AS elsewhere,
            CASE WHEN sum(cells.negative) > 0 THEN max(last_negative) END AS last_negative,
            CASE WHEN sum(cells.serious) > 0 THEN max(last_serious) END AS last_serious
        FROM cells JOIN lookback_segments USING (segment) JOIN listed USING (pupil, cut)
        WHERE known_at <= cut AND lookback IN ('1ht', '1t', '3t')
        GROUP BY ALL
    ),
    totals AS (
        SELECT pupil, cut,
            sum(negative) FILTER (lookback = '1ht') AS negative_1ht,
            sum(negative) FILTER (lookback = '1t') AS negative_1t,
            sum(negative) FILTER (lookback = '3t') AS negative_3t,
            sum(positive) FILTER (lookback = '1ht') AS positive_1ht,
            sum(positive) FILTER (lookback = '1t') AS positive_1t,
            sum(positive) FILTER (lookback = '3t') AS positive_3t,
            sum(serious) FILTER (lookback = '1ht') AS serious_1ht,
            sum(serious) FILTER (lookback = '1t') AS serious_1t,
            sum(serious) FILTER (lookback = '3t') AS serious_3t,
            sum(points) FILTER (lookback = '1ht') AS points_1ht,
            sum(points) FILTER (lookback = '1t') AS points_1t,
            sum(points) FILTER (lookback = '3t') AS points_3t,
            sum(elsewhere) FILTER (lookback = '1ht') AS elsewhere_1ht,
            sum(elsewhere) FILTER (lookback = '1t') AS elsewhere_1t,
            sum(elsewhere) FILTER (lookback = '3t') AS elsewhere_3t,
            max(last_negative) FILTER (lookback = '1ht') AS last_negative_1ht,
            max(last_negative) FILTER (lookback = '1t') AS last_negative_1t,
            max(last_negative) FILTER (lookback = '3t') AS last_negative_3t,
            max(last_serious) FILTER (lookback = '1ht') AS last_serious_1ht,
            max(last_serious) FILTER (lookback = '1t') AS last_serious_1t,
            max(last_serious) FILTER (lookback = '3t') AS last_serious_3t
        FROM days
        GROUP BY pupil, cut
    ),
    wide AS (
        SELECT listed.pupil_id, listed.as_of_date, listed.school_id, listed."group",
            shown(visible_1ht, negative_1ht) AS negative_1ht,
            shown(visible_1t, negative_1t) AS negative_1t,
            shown(visible_3t, negative_3t) AS negative_3t,
            shown(visible_1ht, positive_1ht) AS positive_1ht,
            shown(visible_1t, positive_1t) AS positive_1t,
            shown(visible_3t, positive_3t) AS positive_3t,
            shown(visible_1ht, serious_1ht) AS serious_1ht,
            shown(visible_1t, serious_1t) AS serious_1t,
            shown(visible_3t, serious_3t) AS serious_3t,
            shown(visible_1ht, points_1ht) AS points_1ht,
            shown(visible_1t, points_1t) AS points_1t,
            shown(visible_3t, points_3t) AS points_3t,
            shown(visible_1ht, elsewhere_1ht) AS negative_elsewhere_1ht,
            shown(visible_1t, elsewhere_1t) AS negative_elsewhere_1t,
            shown(visible_3t, elsewhere_3t) AS negative_elsewhere_3t,
            CASE WHEN visible_1ht THEN as_of_date - last_negative_1ht END AS days_since_negative_1ht,
            CASE WHEN visible_1t THEN as_of_date - last_negative_1t END AS days_since_negative_1t,
            CASE WHEN visible_3t THEN as_of_date - last_negative_3t END AS days_since_negative_3t,
            CASE WHEN visible_1ht THEN as_of_date - last_serious_1ht END AS days_since_serious_1ht,
            CASE WHEN visible_1t THEN as_of_date - last_serious_1t END AS days_since_serious_1t,
            CASE WHEN visible_3t THEN as_of_date - last_serious_3t END AS days_since_serious_3t,
            coalesce(visible_1ht, false)::INTEGER AS seen_behaviour
        FROM listed
        LEFT JOIN visible('behaviour', 'at_school') USING (pupil, cut)
        LEFT JOIN totals USING (pupil, cut)
    )
SELECT wide.* EXCLUDE (school_id, "group"),
    negative_1ht AS behaviour_negative_events_1ht,
    negative_1t AS behaviour_negative_events_1t,
    negative_3t AS behaviour_negative_events_3t,
    serious_1t AS behaviour_serious_events_1t,
    serious_3t AS behaviour_serious_events_3t,
    positive_1t AS behaviour_positive_events_1t,
    negative_elsewhere_3t AS behaviour_elsewhere_events_3t,
    against(negative_1t, avg(negative_1t) OVER classmates) AS behaviour_events_against_year_1t,
    against(points_1t, avg(points_1t) OVER classmates) AS behaviour_points_against_year_1t,
    against(positive_1t, avg(positive_1t) OVER classmates) AS behaviour_positive_against_year_1t,
    negative_1ht / nullif(negative_3t, 0) AS behaviour_recent_share_1ht,
    CASE WHEN points_3t > 0 THEN (points_1t / nullif(negative_1t, 0)) / (points_3t / nullif(negative_3t, 0)) END
        AS behaviour_escalation_ratio_1t,
    days_since_negative_3t AS behaviour_negative_since_days_3t,
    days_since_serious_3t AS behaviour_serious_since_days_3t
FROM wide
WINDOW classmates AS (PARTITION BY as_of_date, school_id, "group");
