CREATE OR REPLACE TEMP TABLE given AS
SELECT pupil, school_id, start_date AS date, segment, coalesce(known_at, 1) AS known_at,
    coalesce(sessions, 0) AS sessions,
    list_has_any(['CB', 'DB', 'LD'], [reason1, reason2, reason3]) AS disruption,
    list_has_any(['BW', 'OW', 'PA', 'PP'], [reason1, reason2, reason3]) AS assault,
    list_has_any(['TB', 'VA', 'VP'], [reason1, reason2, reason3]) AS abuse,
    CASE WHEN record = 'retraction' THEN -1 ELSE 1 END AS n
FROM suspensions
JOIN pupils_listed USING (pupil_id)
JOIN segment_days ON segment_days.date = start_date
LEFT JOIN known_days USING (known_from)
WHERE suspensions.known_from <= (SELECT max(as_of_date) FROM cuts)
    AND category IN ('SUSP', 'FIXD', 'PERM') AND decision <> 'withdrawn';

CREATE OR REPLACE TEMP TABLE suspensions_family AS
WITH
    -- Few rows: day by day throughout, so that the last day stands only while rows of it do.
    days AS (
        SELECT pupil, cut, lookback, date, sum(n) AS spells, sum(n * sessions) AS sessions,
            sum(n) FILTER (disruption) AS disruption, sum(n) FILTER (assault) AS assault,
            sum(n) FILTER (abuse) AS abuse,
            sum(n) FILTER (given.school_id <> listed.school_id) AS spells_elsewhere,
            CASE WHEN sum(n) > 0 THEN max(date) END AS last
        FROM given JOIN lookback_segments USING (segment) JOIN listed USING (pupil, cut)
        WHERE known_at <= cut AND lookback IN ('1ht', '1t', '3t', '1y')
        GROUP BY ALL
    ),
    totals AS (
        SELECT pupil, cut,
            sum(spells) FILTER (lookback = '1ht') AS spells_1ht,
            sum(spells) FILTER (lookback = '1t') AS spells_1t,
            sum(spells) FILTER (lookback = '3t') AS spells_3t,
            sum(spells) FILTER (lookback = '1y') AS spells_1y,
            sum(sessions) FILTER (lookback = '1ht') AS sessions_1ht,
            sum(sessions) FILTER (lookback = '1t') AS sessions_1t,
            sum(sessions) FILTER (lookback = '3t') AS sessions_3t,
            sum(sessions) FILTER (lookback = '1y') AS sessions_1y,
            sum(disruption) FILTER (lookback = '1ht') AS disruption_1ht,
            sum(disruption) FILTER (lookback = '1t') AS disruption_1t,
            sum(disruption) FILTER (lookback = '3t') AS disruption_3t,
            sum(disruption) FILTER (lookback = '1y') AS disruption_1y,
            sum(assault) FILTER (lookback = '1ht') AS assault_1ht,
            sum(assault) FILTER (lookback = '1t') AS assault_1t,
            sum(assault) FILTER (lookback = '3t') AS assault_3t,
            sum(assault) FILTER (lookback = '1y') AS assault_1y,
            sum(abuse) FILTER (lookback = '1ht') AS abuse_1ht,
            sum(abuse) FILTER (lookback = '1t') AS abuse_1t,
            sum(abuse) FILTER (lookback = '3t') AS abuse_3t,
            sum(abuse) FILTER (lookback = '1y') AS abuse_1y,
            sum(spells_elsewhere) FILTER (lookback = '1ht') AS spells_elsewhere_1ht,
            sum(spells_elsewhere) FILTER (lookback = '1t') AS spells_elsewhere_1t,
            sum(spells_elsewhere) FILTER (lookback = '3t') AS spells_elsewhere_3t,
            sum(spells_elsewhere) FILTER (lookback = '1y') AS spells_elsewhere_1y,
            max(last) FILTER (lookback = '1ht') AS last_1ht,
            max(last) FILTER (lookback = '1t') AS last_1t,
            max(last) FILTER (lookback = '3t') AS last_3t,
            max(last) FILTER (lookback = '1y') AS last_1y
        FROM days
        GROUP BY pupil, cut
    ),
    wide AS (
        SELECT listed.pupil_id, listed.as_of_date,
            shown(visible_1ht, spells_1ht) AS spells_1ht,
            shown(visible_1t, spells_1t) AS spells_1t,
            shown(visible_3t, spells_3t) AS spells_3t,
            shown(visible_1y, spells_1y) AS spells_1y,
            shown(visible_1ht, sessions_1ht) AS sessions_1ht,
            shown(visible_1t, sessions_1t) AS sessions_1t,
            shown(visible_3t, sessions_3t) AS sessions_3t,
            shown(visible_1y, sessions_1y) AS sessions_1y,
            shown(visible_1ht, disruption_1ht) AS disruption_1ht,
            shown(visible_1t, disruption_1t) AS disruption_1t,
            shown(visible_3t, disruption_3t) AS disruption_3t,
            shown(visible_1y, disruption_1y) AS disruption_1y,
            shown(visible_1ht, assault_1ht) AS assault_1ht,
            shown(visible_1t, assault_1t) AS assault_1t,
            shown(visible_3t, assault_3t) AS assault_3t,
            shown(visible_1y, assault_1y) AS assault_1y,
            shown(visible_1ht, abuse_1ht) AS abuse_1ht,
            shown(visible_1t, abuse_1t) AS abuse_1t,
            shown(visible_3t, abuse_3t) AS abuse_3t,
            shown(visible_1y, abuse_1y) AS abuse_1y,
            shown(visible_1ht, spells_elsewhere_1ht) AS spells_elsewhere_1ht,
            shown(visible_1t, spells_elsewhere_1t) AS spells_elsewhere_1t,
            shown(visible_3t, spells_elsewhere_3t) AS spells_elsewhere_3t,
            shown(visible_1y, spells_elsewhere_1y) AS spells_elsewhere_1y,
            CASE WHEN visible_1ht THEN as_of_date - last_1ht END AS days_since_suspension_1ht,
            CASE WHEN visible_1t THEN as_of_date - last_1t END AS days_since_suspension_1t,
            CASE WHEN visible_3t THEN as_of_date - last_3t END AS days_since_suspension_3t,
            CASE WHEN visible_1y THEN as_of_date - last_1y END AS days_since_suspension_1y,
            coalesce(visible_1ht, false)::INTEGER AS seen_suspensions
        FROM listed
        LEFT JOIN visible('suspensions', 'at_school') USING (pupil, cut)
        LEFT JOIN totals USING (pupil, cut)
    )
SELECT wide.*,
    spells_1ht AS suspensions_count_spells_1ht,
    spells_1t AS suspensions_count_spells_1t,
    spells_3t AS suspensions_count_spells_3t,
    sessions_3t / 2 AS suspensions_length_days_3t,
    (90 - sessions_1y) / 2 AS suspensions_limit_days_1y,
    disruption_3t AS suspensions_disruption_spells_3t,
    assault_3t AS suspensions_assault_spells_3t,
    abuse_3t AS suspensions_abuse_spells_3t,
    spells_elsewhere_3t AS suspensions_elsewhere_spells_3t,
    CASE WHEN spells_1t > 0 THEN (spells_3t > 1)::INTEGER + 1 ELSE spells_1t END AS suspensions_repeat_level_1t,
    days_since_suspension_3t AS suspensions_since_days_3t
FROM wide;
