-- Codes E, R, T and S are in neither part of a rate; a plain present mark has no kind of its own.
CREATE OR REPLACE TEMP TABLE codes AS
SELECT code, CASE WHEN code IN ('/', '\') THEN 'present' ELSE code END AS kind,
    code IN ('C', 'C1', 'C2', 'F', 'G', 'H', 'I', 'I01', 'I02', 'J1', 'M', 'N', 'O', 'U') AS absent,
    absent OR code IN ('/', '\', 'B', 'J', 'K', 'L', 'P', 'V', 'W') AS possible
FROM (
    SELECT unnest([
        '/', '\', 'B', 'C', 'C1', 'C2', 'D', 'F', 'G', 'H', 'I', 'I01', 'I02', 'J', 'J1', 'K', 'L', 'M', 'N',
        'O', 'P', 'U', 'V', 'W'
    ]) AS code
);

-- One reading of the marks. Only an absence needs its week.
CREATE OR REPLACE TEMP TABLE marks AS
SELECT pupil, segment, coalesce(known_at, 1) AS known_at, kind, absent, possible, week * absent::INTEGER AS week,
    (count(*) - 2 * count(*) FILTER (record = 'retraction'))::DOUBLE AS n
FROM attendance
JOIN pupils_listed USING (pupil_id)
JOIN codes USING (code)
JOIN segment_days USING (date)
LEFT JOIN known_days USING (known_from)
WHERE attendance.known_from <= (SELECT max(as_of_date) FROM cuts)
GROUP BY ALL;

CREATE OR REPLACE TEMP TABLE attendance_family AS
WITH
    cells AS (
        SELECT pupil, segment, known_at,
            sum(n) FILTER (possible) AS possible,
            sum(n) FILTER (absent) AS absent,
            sum(n) FILTER (kind IN ('G', 'N', 'O', 'U')) AS unauthorised,
            sum(n) FILTER (kind = 'L') AS late,
            sum(n) FILTER (kind = 'U') AS late_closed,
            sum(n) FILTER (kind = 'C2') AS part_time,
            sum(n) FILTER (kind = 'K') AS arranged,
            sum(n) FILTER (kind IN ('B', 'D')) AS off_site
        FROM marks
        GROUP BY ALL
    ),
    sums AS MATERIALIZED (
        SELECT pupil, cut, lookback, sum(possible) AS possible, sum(absent) AS absent,
            sum(unauthorised) AS unauthorised, sum(late) AS late, sum(late_closed) AS late_closed,
            sum(part_time) AS part_time, sum(arranged) AS arranged, sum(off_site) AS off_site
        FROM cells JOIN lookback_segments USING (segment)
        WHERE known_at <= cut AND lookback <> '1y'
        GROUP BY ALL
    ),
    broken AS MATERIALIZED (
        SELECT pupil, cut, lookback, count(*) AS weeks
        FROM (
            SELECT pupil, cut, lookback, week
            FROM marks JOIN lookback_segments USING (segment)
            WHERE known_at <= cut AND absent AND week > 0 AND lookback <> '1y'
            GROUP BY ALL
            HAVING sum(n) > 0
        )
        GROUP BY ALL
    ),
    totals AS MATERIALIZED (FROM sums LEFT JOIN broken USING (pupil, cut, lookback)),
    wide AS (
        SELECT listed.pupil_id, listed.as_of_date, cut,
            shown(visible_1ht, half.possible) AS possible_1ht,
            shown(visible_1ht, half.absent) AS absent_1ht,
            shown(visible_1ht, half.unauthorised) AS unauthorised_1ht,
            shown(visible_1ht, half.late) AS late_1ht,
            shown(visible_1ht, half.late_closed) AS late_closed_1ht,
            shown(visible_1ht, half.part_time) AS part_time_1ht,
            shown(visible_1ht, half.arranged) AS arranged_1ht,
            shown(visible_1ht, half.off_site) AS off_site_1ht,
            shown(visible_1ht, half.weeks) AS weeks_broken_1ht,
            shown(visible_1ht_before, before.possible) AS possible_1ht_before,
            shown(visible_1ht_before, before.absent) AS absent_1ht_before,
            shown(visible_1ht_before, before.unauthorised) AS unauthorised_1ht_before,
            shown(visible_1ht_before, before.late) AS late_1ht_before,
            shown(visible_1ht_before, before.late_closed) AS late_closed_1ht_before,
            shown(visible_1ht_before, before.part_time) AS part_time_1ht_before,
            shown(visible_1ht_before, before.arranged) AS arranged_1ht_before,
            shown(visible_1ht_before, before.off_site) AS off_site_1ht_before,
            shown(visible_1ht_before, before.weeks) AS weeks_broken_1ht_before,
            shown(visible_1ht_year_ago, ago.possible) AS possible_1ht_year_ago,
            shown(visible_1ht_year_ago, ago.absent) AS absent_1ht_year_ago,
            shown(visible_1ht_year_ago, ago.unauthorised) AS unauthorised_1ht_year_ago,
            shown(visible_1ht_year_ago, ago.late) AS late_1ht_year_ago,
            shown(visible_1ht_year_ago, ago.late_closed) AS late_closed_1ht_year_ago,
            shown(visible_1ht_year_ago, ago.part_time) AS part_time_1ht_year_ago,
            shown(visible_1ht_year_ago, ago.arranged) AS arranged_1ht_year_ago,
            shown(visible_1ht_year_ago, ago.off_site) AS off_site_1ht_year_ago,
            shown(visible_1ht_year_ago, ago.weeks) AS weeks_broken_1ht_year_ago,
            shown(visible_1t, term.possible) AS possible_1t,
            shown(visible_1t, term.absent) AS absent_1t,
            shown(visible_1t, term.unauthorised) AS unauthorised_1t,
            shown(visible_1t, term.late) AS late_1t,
            shown(visible_1t, term.late_closed) AS late_closed_1t,
            shown(visible_1t, term.part_time) AS part_time_1t,
            shown(visible_1t, term.arranged) AS arranged_1t,
            shown(visible_1t, term.off_site) AS off_site_1t,
            shown(visible_1t, term.weeks) AS weeks_broken_1t,
            shown(visible_3t, year.possible) AS possible_3t,
            shown(visible_3t, year.absent) AS absent_3t,
            shown(visible_3t, year.unauthorised) AS unauthorised_3t,
            shown(visible_3t, year.late) AS late_3t,
            shown(visible_3t, year.late_closed) AS late_closed_3t,
            shown(visible_3t, year.part_time) AS part_time_3t,
            shown(visible_3t, year.arranged) AS arranged_3t,
            shown(visible_3t, year.off_site) AS off_site_3t,
            shown(visible_3t, year.weeks) AS weeks_broken_3t,
            coalesce(visible_1ht, false)::INTEGER AS seen_attendance
        FROM listed
        LEFT JOIN visible('attendance', 'at_school') USING (pupil, cut)
        LEFT JOIN (FROM totals WHERE lookback = '1ht') AS half USING (pupil, cut)
        LEFT JOIN (FROM totals WHERE lookback = '1ht_before') AS before USING (pupil, cut)
        LEFT JOIN (FROM totals WHERE lookback = '1ht_year_ago') AS ago USING (pupil, cut)
        LEFT JOIN (FROM totals WHERE lookback = '1t') AS term USING (pupil, cut)
        LEFT JOIN (FROM totals WHERE lookback = '3t') AS year USING (pupil, cut)
    )
SELECT wide.* EXCLUDE (cut),
    rate(absent_1ht, possible_1ht) AS attendance_absence_rate_1ht,
    rate(absent_3t, possible_3t) AS attendance_absence_rate_3t,
    attendance_absence_rate_1ht - rate(absent_1ht_before, possible_1ht_before)
        AS attendance_absence_change_1ht,
    attendance_absence_rate_1ht - rate(absent_1ht_year_ago, possible_1ht_year_ago)
        AS attendance_year_change_1ht,
    (attendance_absence_rate_3t >= 0.10)::INTEGER AS attendance_persistent_flag_3t,
    (attendance_absence_rate_3t >= 0.50)::INTEGER AS attendance_severe_flag_3t,
    rate(unauthorised_1t, possible_1t) AS attendance_unauthorised_rate_1t,
    rate(late_1t, possible_1t) AS attendance_late_rate_1t,
    rate(late_closed_1t, possible_1t) AS attendance_late_closed_rate_1t,
    weeks_broken_1t AS attendance_broken_weeks_1t,
    -- C2 and K do not exist before 19 August 2024.
    CASE WHEN from_date >= DATE '2024-08-19' THEN rate(part_time_1t, possible_1t) END
        AS attendance_part_time_rate_1t,
    off_site_1t AS attendance_off_site_sessions_1t,
    CASE WHEN from_date >= DATE '2024-08-19' THEN arranged_1t END AS attendance_arranged_sessions_1t,
    possible_1ht AS attendance_possible_sessions_1ht,
    possible_3t AS attendance_possible_sessions_3t
FROM wide LEFT JOIN (FROM lookbacks WHERE lookback = '1t') USING (cut);
