-- An event is a run of flooded hours of a region. The lead time is from the end of the first hour of the warning that led
-- up to it: an event without a warning in the hour before it had none.
WITH marked AS (
    SELECT
        region_code,
        hour_start,
        day_role,
        flooded,
        watch_level = '2' AS warned,
        coalesce(lag(flooded) OVER in_order, false) AS flooded_before,
        coalesce(lag(watch_level) OVER in_order = '2', false) AS warned_before
    FROM watch_hour
    WINDOW in_order AS (PARTITION BY region_code ORDER BY hour_start)
),

runs AS (
    SELECT
        *,
        count(*) FILTER (WHERE flooded AND NOT flooded_before) OVER up_to_here AS event_no,
        max(hour_start) FILTER (WHERE warned AND NOT warned_before) OVER up_to_here AS warned_since
    FROM marked
    WINDOW up_to_here AS (PARTITION BY region_code ORDER BY hour_start)
),

led AS (
    SELECT *, lag(warned_since) OVER (PARTITION BY region_code ORDER BY hour_start) AS warned_since_before
    FROM runs
)

SELECT
    region_code,
    min(hour_start) AS interval_start,
    min(day_role) FILTER (WHERE NOT flooded_before) AS day_role,
    count(*) AS flooded_hours,
    bool_or(warned_before) FILTER (WHERE NOT flooded_before) AS was_warned,
    max(CASE WHEN warned_before THEN date_diff('hour', warned_since_before, hour_start) - 1 END)
        FILTER (WHERE NOT flooded_before) AS lead_h
FROM led
WHERE flooded
GROUP BY region_code, event_no
