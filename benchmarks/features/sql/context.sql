CREATE OR REPLACE TEMP TABLE context_family AS
WITH here AS (
    SELECT pupil, cut, max(CASE WHEN rolls.school_id = listed.school_id THEN rolls.as_of_date - start_date ELSE 0 END)
        AS days_here
    FROM rolls JOIN listed USING (pupil, cut)
    GROUP BY ALL
)
SELECT pupil_id, as_of_date, days_here,
    nc_year_now AS context_nc_year_level_open,
    term_number AS context_term_number_open,
    days_here / (365.25 / 3) AS context_time_here_terms_ever
FROM listed LEFT JOIN here USING (pupil, cut);
