-- The table is small: each event is known, or not, on each cut, and counts day by day.
CREATE OR REPLACE TEMP TABLE suspensions_family AS
WITH
    events AS (
        SELECT pupil, start_date, known_from, school_id, coalesce(sessions, 0) AS sessions,
            CASE WHEN record = 'retraction' THEN -1 ELSE 1 END AS sign,
            [reason1, reason2, reason3] AS reasons
        FROM suspensions
        JOIN pupils_listed USING (pupil_id)
        WHERE category IN ('SUSP', 'FIXD', 'PERM') AND decision <> 'withdrawn'
    ),
    by_day AS (
        SELECT pupil, cut, lookback, start_date, sum(sign) AS spells, sum(sign * sessions) AS sessions,
            sum(sign) FILTER (list_has_any(reasons, ['CB', 'DB', 'LD'])) AS disruption,
            sum(sign) FILTER (list_has_any(reasons, ['BW', 'OW', 'PA', 'PP'])) AS assault,
            sum(sign) FILTER (list_has_any(reasons, ['TB', 'VA', 'VP'])) AS abuse,
            sum(sign) FILTER (events.school_id <> listed.school_id) AS spells_elsewhere
        FROM events
        JOIN listed USING (pupil)
        JOIN lookbacks USING (cut)
        WHERE start_date BETWEEN from_date AND to_date AND known_from <= listed.as_of_date
            AND lookback IN ('1ht', '1t', '3t', '1y')
        GROUP BY ALL
    ),
    totals AS MATERIALIZED (
        SELECT pupil, cut, lookback, sum(spells) AS spells, sum(sessions) AS sessions,
            sum(disruption) AS disruption, sum(assault) AS assault, sum(abuse) AS abuse,
            sum(spells_elsewhere) AS spells_elsewhere,
            max(start_date) FILTER (spells > 0) AS last_suspension
        FROM by_day
        GROUP BY ALL
    ),
    wide AS (
        SELECT pupil_id, as_of_date,
            shown(visible_1ht, half.spells) AS spells_1ht,
            shown(visible_1ht, half.sessions) AS sessions_1ht,
            shown(visible_1ht, half.disruption) AS disruption_1ht,
            shown(visible_1ht, half.assault) AS assault_1ht,
            shown(visible_1ht, half.abuse) AS abuse_1ht,
            shown(visible_1ht, half.spells_elsewhere) AS spells_elsewhere_1ht,
            CASE WHEN visible_1ht THEN listed.as_of_date - half.last_suspension END AS days_since_suspension_1ht,
            shown(visible_1t, term.spells) AS spells_1t,
            shown(visible_1t, term.sessions) AS sessions_1t,
            shown(visible_1t, term.disruption) AS disruption_1t,
            shown(visible_1t, term.assault) AS assault_1t,
            shown(visible_1t, term.abuse) AS abuse_1t,
            shown(visible_1t, term.spells_elsewhere) AS spells_elsewhere_1t,
            CASE WHEN visible_1t THEN listed.as_of_date - term.last_suspension END AS days_since_suspension_1t,
            shown(visible_3t, year.spells) AS spells_3t,
            shown(visible_3t, year.sessions) AS sessions_3t,
            shown(visible_3t, year.disruption) AS disruption_3t,
            shown(visible_3t, year.assault) AS assault_3t,
            shown(visible_3t, year.abuse) AS abuse_3t,
            shown(visible_3t, year.spells_elsewhere) AS spells_elsewhere_3t,
            CASE WHEN visible_3t THEN listed.as_of_date - year.last_suspension END AS days_since_suspension_3t,
            shown(visible_1y, academic.spells) AS spells_1y,
            shown(visible_1y, academic.sessions) AS sessions_1y,
            shown(visible_1y, academic.disruption) AS disruption_1y,
            shown(visible_1y, academic.assault) AS assault_1y,
            shown(visible_1y, academic.abuse) AS abuse_1y,
            shown(visible_1y, academic.spells_elsewhere) AS spells_elsewhere_1y,
            CASE WHEN visible_1y THEN listed.as_of_date - academic.last_suspension END AS days_since_suspension_1y,
            coalesce(visible_1ht, false)::INTEGER AS seen_suspensions
        FROM listed
        LEFT JOIN visible('suspensions', 'at_school') USING (pupil, cut)
        LEFT JOIN (FROM totals WHERE lookback = '1ht') AS half USING (pupil, cut)
        LEFT JOIN (FROM totals WHERE lookback = '1t') AS term USING (pupil, cut)
        LEFT JOIN (FROM totals WHERE lookback = '3t') AS year USING (pupil, cut)
        LEFT JOIN (FROM totals WHERE lookback = '1y') AS academic USING (pupil, cut)
    )
SELECT *,
    spells_1ht AS suspensions_count_spells_1ht,
    spells_1t AS suspensions_count_spells_1t,
    spells_3t AS suspensions_count_spells_3t,
    sessions_3t / 2 AS suspensions_length_days_3t,
    (90 - sessions_1y) / 2 AS suspensions_limit_days_1y,
    disruption_3t AS suspensions_disruption_spells_3t,
    assault_3t AS suspensions_assault_spells_3t,
    abuse_3t AS suspensions_abuse_spells_3t,
    spells_elsewhere_3t AS suspensions_elsewhere_spells_3t,
    CASE WHEN spells_1t > 0 THEN 1 + (spells_3t > 1)::INTEGER ELSE spells_1t END AS suspensions_repeat_level_1t,
    days_since_suspension_3t AS suspensions_since_days_3t
FROM wide;
