-- Where a pupil has had an event taken back, cells are kept day by day: the day of the last event counts only
-- while more of its events stand than were taken back.
CREATE OR REPLACE TEMP TABLE behaviour_cells AS
WITH
    events AS (
        SELECT pupil, segment, coalesce(known_at, 1) AS known_at, school_id, date, points,
            CASE WHEN record = 'retraction' THEN -1 ELSE 1 END AS sign,
            polarity = 'negative' AS negative, polarity = 'positive' AS positive,
            negative AND lower(category) IN (
                'assault', 'bullying', 'damage', 'drugs', 'fighting', 'racism', 'smoking or vaping', 'theft',
                'threatening behaviour', 'verbal abuse', 'violence', 'weapon'
            ) AS serious
        FROM behaviour
        JOIN pupils_listed USING (pupil_id)
        JOIN segment_days USING (date)
        LEFT JOIN known_days USING (known_from)
        WHERE behaviour.known_from <= (SELECT max(as_of_date) FROM cuts)
    ),
    corrected AS (SELECT DISTINCT pupil, date AS taken_day FROM events WHERE sign < 0)
SELECT events.pupil, segment, known_at, school_id, taken_day,
    sum(sign::DOUBLE) FILTER (negative) AS negative,
    sum(sign::DOUBLE) FILTER (positive) AS positive,
    sum(sign::DOUBLE) FILTER (serious) AS serious,
    sum(sign * points) FILTER (negative) AS points,
    max(date) FILTER (negative AND sign > 0) AS last_negative,
    max(date) FILTER (serious AND sign > 0) AS last_serious
FROM events LEFT JOIN corrected ON corrected.pupil = events.pupil AND taken_day = date
GROUP BY ALL;

CREATE OR REPLACE TEMP TABLE behaviour_family AS
WITH
    by_day AS (
        SELECT pupil, cut, lookback, taken_day,
            sum(negative) AS negative, sum(positive) AS positive, sum(serious) AS serious, sum(points) AS points,
            sum(negative) FILTER (cells.school_id <> listed.school_id) AS negative_elsewhere,
            CASE WHEN sum(negative) > 0 THEN max(last_negative) END AS last_negative,
            CASE WHEN sum(serious) > 0 THEN max(last_serious) END AS last_serious
        FROM behaviour_cells AS cells
        JOIN lookback_segments USING (segment)
        JOIN listed USING (pupil, cut)
        WHERE known_at <= cut AND lookback IN ('1ht', '1t', '3t')
        GROUP BY ALL
    ),
    totals AS MATERIALIZED (
        SELECT pupil, cut, lookback, sum(negative) AS negative, sum(positive) AS positive,
            sum(serious) AS serious, sum(points) AS points, sum(negative_elsewhere) AS negative_elsewhere,
            max(last_negative) AS last_negative, max(last_serious) AS last_serious
        FROM by_day
        GROUP BY ALL
    ),
    wide AS (
        SELECT pupil_id, as_of_date, school_id, "group",
            shown(visible_1ht, half.negative) AS negative_1ht,
            shown(visible_1ht, half.positive) AS positive_1ht,
            shown(visible_1ht, half.serious) AS serious_1ht,
            shown(visible_1ht, half.points) AS points_1ht,
            shown(visible_1ht, half.negative_elsewhere) AS negative_elsewhere_1ht,
            CASE WHEN visible_1ht THEN listed.as_of_date - half.last_negative END AS days_since_negative_1ht,
            CASE WHEN visible_1ht THEN listed.as_of_date - half.last_serious END AS days_since_serious_1ht,
            shown(visible_1t, term.negative) AS negative_1t,
            shown(visible_1t, term.positive) AS positive_1t,
            shown(visible_1t, term.serious) AS serious_1t,
            shown(visible_1t, term.points) AS points_1t,
            shown(visible_1t, term.negative_elsewhere) AS negative_elsewhere_1t,
            CASE WHEN visible_1t THEN listed.as_of_date - term.last_negative END AS days_since_negative_1t,
            CASE WHEN visible_1t THEN listed.as_of_date - term.last_serious END AS days_since_serious_1t,
            shown(visible_3t, year.negative) AS negative_3t,
            shown(visible_3t, year.positive) AS positive_3t,
            shown(visible_3t, year.serious) AS serious_3t,
            shown(visible_3t, year.points) AS points_3t,
            shown(visible_3t, year.negative_elsewhere) AS negative_elsewhere_3t,
            CASE WHEN visible_3t THEN listed.as_of_date - year.last_negative END AS days_since_negative_3t,
            CASE WHEN visible_3t THEN listed.as_of_date - year.last_serious END AS days_since_serious_3t,
            coalesce(visible_1ht, false)::INTEGER AS seen_behaviour
        FROM listed
        LEFT JOIN visible('behaviour', 'at_school') USING (pupil, cut)
        LEFT JOIN (FROM totals WHERE lookback = '1ht') AS half USING (pupil, cut)
        LEFT JOIN (FROM totals WHERE lookback = '1t') AS term USING (pupil, cut)
        LEFT JOIN (FROM totals WHERE lookback = '3t') AS year USING (pupil, cut)
    ),
    compared AS (
        SELECT *, avg(negative_1t) OVER peers AS usual_negative, avg(points_1t) OVER peers AS usual_points,
            avg(positive_1t) OVER peers AS usual_positive
        FROM wide
        WINDOW peers AS (PARTITION BY as_of_date, school_id, "group")
    )
SELECT compared.* EXCLUDE (school_id, "group", usual_negative, usual_points, usual_positive),
    negative_1ht AS behaviour_negative_events_1ht,
    negative_1t AS behaviour_negative_events_1t,
    negative_3t AS behaviour_negative_events_3t,
    serious_1t AS behaviour_serious_events_1t,
    serious_3t AS behaviour_serious_events_3t,
    positive_1t AS behaviour_positive_events_1t,
    negative_elsewhere_3t AS behaviour_elsewhere_events_3t,
    CASE WHEN usual_negative > 0 THEN negative_1t / usual_negative ELSE negative_1t END
        AS behaviour_events_against_year_1t,
    CASE WHEN usual_points > 0 THEN points_1t / usual_points ELSE points_1t END
        AS behaviour_points_against_year_1t,
    CASE WHEN usual_positive > 0 THEN positive_1t / usual_positive ELSE positive_1t END
        AS behaviour_positive_against_year_1t,
    rate(negative_1ht, negative_3t) AS behaviour_recent_share_1ht,
    CASE WHEN points_3t > 0 THEN rate(points_1t, negative_1t) / rate(points_3t, negative_3t) END
        AS behaviour_escalation_ratio_1t,
    days_since_negative_3t AS behaviour_negative_since_days_3t,
    days_since_serious_3t AS behaviour_serious_since_days_3t
FROM compared;
