-- The usual speed is that of tuning days' dry hours, at the same hour of the same kind of day: held-out days add nothing
-- to it. Whether roads are flooded ahead is known only afterwards, and is no part of the score.
WITH dry_speeds AS (
    SELECT
        hours.region_code,
        hour(hours.hour_start) AS hour_of_day,
        isodow(hours.hour_start) >= 6 AS on_weekend,
        sum(hours.flow_veh * hours.mean_speed_kmh)
        / nullif(sum(hours.flow_veh) FILTER (WHERE hours.mean_speed_kmh IS NOT NULL), 0) AS usual_speed_kmh
    FROM region_hour AS hours
    JOIN environment.watch_days AS days ON days.day = hours.day
    WHERE days.day_role = '1' AND hours.rain_3h_mm = 0
    GROUP BY hours.region_code, hour(hours.hour_start), isodow(hours.hour_start) >= 6
),

compared AS (
    SELECT
        hours.region_code,
        hours.hour_start,
        hours.day,
        hours.rain_3h_mm,
        hours.cases_3h,
        hours.mean_speed_kmh,
        speeds.usual_speed_kmh,
        -- greatest() would make 0 of an unknown speed.
        CASE
            WHEN hours.mean_speed_kmh / speeds.usual_speed_kmh IS NOT NULL
                THEN greatest(0, 1 - hours.mean_speed_kmh / speeds.usual_speed_kmh) * 100
        END AS slow_pct,
        hours.flood_depth_mm
    FROM region_hour AS hours
    LEFT JOIN dry_speeds AS speeds
        ON speeds.region_code = hours.region_code
        AND speeds.hour_of_day = hour(hours.hour_start)
        AND speeds.on_weekend = (isodow(hours.hour_start) >= 6)
),

scored AS (
    SELECT
        hours.region_code,
        hours.hour_start,
        hours.day,
        rules.watch_rule,
        rules.ahead_h,
        rules.flood_limit_mm,
        rules.watch_share_pct,
        hours.rain_3h_mm,
        hours.cases_3h,
        hours.slow_pct,
        rules.rain_weight * least(1, coalesce(hours.rain_3h_mm / rules.rain_full_mm, 0)) AS rain_points,
        rules.cases_weight * least(1, coalesce(hours.cases_3h / rules.cases_full, 0)) AS cases_points,
        rules.slow_weight * least(1, coalesce(hours.slow_pct / rules.slow_full_pct, 0)) AS slow_points,
        hours.flood_depth_mm >= rules.flood_limit_mm AS flooded
    FROM compared AS hours
    JOIN environment.watch_rules AS rules
        ON rules.valid_from <= hours.day AND (rules.valid_to IS NULL OR rules.valid_to > hours.day)
),

ahead AS (
    SELECT
        here.region_code,
        here.hour_start,
        bool_or(later.flood_depth_mm >= here.flood_limit_mm) AS flood_ahead
    FROM scored AS here
    JOIN region_hour AS later
        ON later.region_code = here.region_code
        AND later.hour_start > here.hour_start
        AND later.hour_start <= here.hour_start + to_hours(here.ahead_h)
    GROUP BY here.region_code, here.hour_start
)

SELECT
    scored.region_code,
    scored.hour_start,
    scored.day,
    days.day_role,
    scored.watch_rule,
    scored.rain_3h_mm,
    scored.cases_3h,
    scored.slow_pct,
    scored.rain_points,
    scored.cases_points,
    scored.slow_points,
    round(scored.rain_points + scored.cases_points + scored.slow_points, 6) AS watch_score,
    scored.watch_share_pct,
    scored.flooded,
    ahead.flood_ahead,
    last_days.day_role = days.day_role AS is_judged
FROM scored
LEFT JOIN ahead USING (region_code, hour_start)
LEFT JOIN environment.watch_days AS days ON days.day = scored.day
LEFT JOIN environment.watch_days AS last_days ON last_days.day = (scored.hour_start + to_hours(scored.ahead_h))::DATE
