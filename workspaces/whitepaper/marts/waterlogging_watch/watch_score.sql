-- Hours and events are scored by role: the threshold never saw a held-out day.
WITH hours AS (
    SELECT
        day_role,
        count(*) FILTER (WHERE outcome = 'hit') AS hits,
        count(*) FILTER (WHERE outcome = 'miss') AS misses,
        count(*) FILTER (WHERE outcome = 'false_alarm') AS false_alarms,
        count(*) FILTER (WHERE outcome = 'quiet') AS quiet_hours,
        count(*) FILTER (WHERE flooded) AS flooded_hours
    FROM watch_hour
    WHERE day_role IS NOT NULL
    GROUP BY day_role
),

events AS (
    SELECT
        day_role,
        count(*) AS events,
        count(*) FILTER (WHERE was_warned) AS events_warned,
        median(lead_h) AS median_lead_h
    FROM flood_event
    GROUP BY day_role
)

SELECT
    hours.day_role,
    chosen.watch_score,
    hours.hits,
    hours.misses,
    hours.false_alarms,
    hours.quiet_hours,
    hours.flooded_hours,
    round(100.0 * hours.hits / nullif(hours.hits + hours.misses, 0), 1) AS recall_pct,
    round(100.0 * hours.hits / nullif(hours.hits + hours.false_alarms, 0), 1) AS precision_pct,
    coalesce(events.events, 0) AS events,
    coalesce(events.events_warned, 0) AS events_warned,
    events.median_lead_h
FROM hours
CROSS JOIN (SELECT watch_score FROM threshold_choice WHERE is_chosen) AS chosen
LEFT JOIN events ON events.day_role = hours.day_role
