-- A trip is missing on a day if none of its stops was observed.
SELECT
    day,
    trip_id,
    route_id,
    direction_id,
    min(planned_at) AS planned_start_at,
    count(*) AS planned_calls,
    count(arrived_at) AS observed_calls,
    count(arrived_at) = 0 AS missing
FROM call
GROUP BY day, trip_id, route_id, direction_id
