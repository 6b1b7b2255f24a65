-- In which home borough each listed pupil lived, in school days, as known on each cut.
CREATE OR REPLACE TEMP TABLE at_home AS
WITH spells AS (
    SELECT pupil, cut, home_la, start_date,
        min(CASE WHEN record <> 'retraction' THEN end_known_from END) <= as_of_date AS end_is_known,
        CASE WHEN end_is_known THEN end_date END AS known_end,
        CASE WHEN coalesce(known_end >= as_of_date, true) THEN as_of_date ELSE known_end END AS until
    FROM residence
    JOIN pupils_listed USING (pupil_id)
    JOIN cuts ON known_from <= as_of_date AND start_date <= as_of_date
    GROUP BY pupil, cut, as_of_date, home_la, home_ward, start_date, end_date
    HAVING sum(CASE WHEN record = 'retraction' THEN -1 ELSE 1 END) > 0
)
SELECT pupil, cut, home_la AS source, coalesce(first.before, 0) AS there_from, last.upto AS there_to
FROM spells
JOIN days AS last ON last.day = until
LEFT JOIN days AS first ON first.day = start_date;

CREATE OR REPLACE TEMP TABLE services_family AS
WITH
    spells AS (
        SELECT pupil, cut, as_of_date, start_date,
            CASE service
                WHEN 'early_help' THEN 1 WHEN 'child_in_need' THEN 2
                WHEN 'child_protection' THEN 3 WHEN 'looked_after' THEN 4 ELSE 0
            END AS tier,
            min(CASE WHEN record <> 'retraction' THEN end_known_from END) <= as_of_date AS end_is_known,
            CASE WHEN end_is_known THEN end_date END AS known_end,
            coalesce(known_end >= as_of_date, true) AS open,
            CASE WHEN open THEN as_of_date ELSE known_end END AS until
        FROM services
        JOIN pupils_listed USING (pupil_id)
        JOIN cuts ON known_from <= as_of_date AND start_date <= as_of_date
        GROUP BY pupil, cut, as_of_date, service, la, start_date, end_date
        HAVING sum(CASE WHEN record = 'retraction' THEN -1 ELSE 1 END) > 0
    ),
    largest AS (
        SELECT pupil, cut, max(tier) AS tier_ever,
            max(tier) FILTER (open) AS tier_open,
            max(tier) FILTER (until >= from_date) AS tier_3t,
            max(tier) FILTER (until >= from_date AND start_date <= from_date) AS tier_begun_3t,
            max(until - spells.as_of_date) FILTER (tier > 0) AS service_recency
        FROM spells LEFT JOIN (FROM lookbacks WHERE lookback = '3t') USING (cut)
        GROUP BY ALL
    ),
    wide AS (
        SELECT pupil_id, as_of_date,
            shown(visible_1ht, largest.tier_open) AS tier_open,
            shown(visible_3t, largest.tier_3t) AS tier_3t,
            shown(visible_3t, largest.tier_begun_3t) AS tier_begun_3t,
            shown(visible_1ht, largest.tier_ever) AS tier_ever,
            shown(visible_1ht, largest.service_recency) AS service_recency,
            coalesce(visible_1ht, false)::INTEGER AS seen_services
        FROM listed
        LEFT JOIN visible('services', 'at_home') USING (pupil, cut)
        LEFT JOIN largest USING (pupil, cut)
    )
SELECT *,
    tier_open AS services_tier_level_open,
    tier_3t AS services_tier_level_3t,
    tier_ever AS services_tier_level_ever,
    CASE WHEN tier_open > tier_begun_3t THEN tier_open - tier_begun_3t ELSE 0 * (tier_open - tier_begun_3t) END
        AS services_up_steps_3t,
    tier_3t - tier_open AS services_down_steps_3t,
    CASE WHEN tier_ever > 0 THEN -service_recency / (365.25 / 12) END AS services_since_months_ever,
    seen_services AS services_visible_flag_1ht
FROM wide;
