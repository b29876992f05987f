-- The level of each hour by the chosen threshold, and how the warning turned out.
WITH chosen AS (
    SELECT watch_score AS threshold FROM threshold_choice WHERE is_chosen
)

SELECT
    hours.region_code,
    hours.hour_start,
    hours.day,
    hours.day_role,
    hours.watch_rule,
    round(hours.rain_3h_mm, 1) AS rain_3h_mm,
    hours.cases_3h,
    round(hours.slow_pct, 1) AS slow_pct,
    round(hours.watch_score, 1) AS watch_score,
    CASE
        WHEN hours.watch_score >= chosen.threshold THEN '2'
        WHEN hours.watch_score >= chosen.threshold * hours.watch_share_pct / 100 THEN '1'
        ELSE '0'
    END AS watch_level,
    hours.flooded,
    hours.flood_ahead,
    CASE
        WHEN hours.flood_ahead IS NULL OR hours.is_judged IS DISTINCT FROM true THEN NULL
        WHEN hours.watch_score >= chosen.threshold AND hours.flood_ahead THEN 'hit'
        WHEN hours.watch_score >= chosen.threshold THEN 'false_alarm'
        WHEN hours.flood_ahead THEN 'miss'
        ELSE 'quiet'
    END AS outcome
FROM hour_score AS hours
CROSS JOIN chosen
