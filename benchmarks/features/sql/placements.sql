CREATE OR REPLACE TEMP TABLE placements_family AS
WITH
    spells AS (
        SELECT pupil, cut, as_of_date, route, setting, review_date, start_date,
            min(CASE WHEN record <> 'retraction' THEN end_known_from END) <= as_of_date AS end_is_known,
            CASE WHEN end_is_known THEN end_date END AS known_end,
            end_is_known AND outcome = 'failed' AS failed,
            coalesce(known_end >= as_of_date, true) AS open,
            CASE WHEN open THEN as_of_date ELSE known_end END AS until
        FROM placements
        JOIN pupils_listed USING (pupil_id)
        JOIN cuts ON known_from <= as_of_date AND start_date <= as_of_date
        GROUP BY pupil, cut, as_of_date, school_id, route, setting, roll_status, review_date, outcome,
            start_date, end_date
        HAVING sum(CASE WHEN record = 'retraction' THEN -1 ELSE 1 END) > 0
    ),
    largest AS (
        SELECT pupil, cut,
            max((route = 'managed_move' AND until >= from_date)::INTEGER) AS managed_move_3t,
            max((route = 'off_site_direction' AND until >= from_date)::INTEGER) AS off_site_direction_3t,
            max((route = 'alternative_provision' AND until >= from_date)::INTEGER) AS alternative_provision_3t,
            max((open AND setting = 'mainstream')::INTEGER) AS other_school_open,
            max((open AND setting <> 'mainstream')::INTEGER) AS not_mainstream_open,
            max(CASE WHEN open THEN spells.as_of_date - start_date ELSE 0 END) AS days_out,
            max((open AND review_date IS NOT NULL)::INTEGER) AS review_open,
            max(CASE WHEN open AND review_date < spells.as_of_date THEN spells.as_of_date - review_date ELSE 0 END)
                AS review_overdue,
            max(failed::INTEGER) AS failed
        FROM spells LEFT JOIN (FROM lookbacks WHERE lookback = '3t') USING (cut)
        GROUP BY ALL
    ),
    wide AS (
        SELECT pupil_id, as_of_date,
            shown(visible_3t, managed_move_3t) AS managed_move_3t,
            shown(visible_3t, off_site_direction_3t) AS off_site_direction_3t,
            shown(visible_3t, alternative_provision_3t) AS alternative_provision_3t,
            shown(visible_1ht, other_school_open) AS other_school_open,
            shown(visible_1ht, not_mainstream_open) AS not_mainstream_open,
            shown(visible_1ht, days_out) AS days_out,
            shown(visible_1ht, review_open) AS review_open,
            shown(visible_1ht, review_overdue) AS review_overdue,
            shown(visible_1ht, failed) AS failed,
            coalesce(visible_1ht, false)::INTEGER AS seen_placements
        FROM listed
        LEFT JOIN visible('placements', 'at_school') USING (pupil, cut)
        LEFT JOIN largest USING (pupil, cut)
    )
SELECT *,
    managed_move_3t AS placements_managed_move_flag_3t,
    off_site_direction_3t AS placements_off_site_direction_flag_3t,
    alternative_provision_3t AS placements_alternative_provision_flag_3t,
    other_school_open AS placements_other_school_flag_open,
    not_mainstream_open AS placements_not_mainstream_flag_open,
    failed AS placements_failed_flag_ever,
    CASE WHEN other_school_open + not_mainstream_open > 0 THEN days_out END AS placements_out_days_open,
    CASE WHEN review_open > 0 THEN review_overdue END AS placements_overdue_days_open
FROM wide;
