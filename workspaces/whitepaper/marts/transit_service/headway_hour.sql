-- A passenger who comes at any time waits sum(h*h) / (2 * sum(h)) on average, where h are the headways. The excess is what
-- the observed headways cost beyond the planned ones. It is null where all buses come at once.
WITH waits AS (
    SELECT
        day,
        date_trunc('hour', planned_at) AS hour_start,
        route_id,
        direction_id,
        stop_id,
        count(*) AS planned_calls,
        count(arrived_at) AS observed_calls,
        count(*) FILTER (WHERE bunched) AS bunched_calls,
        sum(planned_headway_s) / count(planned_headway_s) AS planned_headway_s,
        sum(observed_headway_s) / count(observed_headway_s) AS observed_headway_s,
        sum(planned_headway_s * planned_headway_s) / nullif(2 * sum(planned_headway_s), 0) AS planned_wait_s,
        sum(observed_headway_s * observed_headway_s) / nullif(2 * sum(observed_headway_s), 0) AS observed_wait_s
    FROM call
    GROUP BY ALL
)

SELECT
    day,
    hour_start,
    route_id,
    direction_id,
    stop_id,
    planned_calls,
    observed_calls,
    bunched_calls,
    planned_headway_s,
    observed_headway_s,
    planned_wait_s,
    observed_wait_s,
    observed_wait_s - planned_wait_s AS excess_wait_s
FROM waits
