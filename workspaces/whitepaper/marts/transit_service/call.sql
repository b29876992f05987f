-- Every planned stop of every service day that was observed, with what happened there. The headway is the time since the
-- bus before it on the same route, direction and stop: planned since the planned one, observed since the observed one.
WITH planned AS (
    SELECT
        trips.route_id,
        trips.direction_id,
        calls.trip_id,
        calls.stop_id,
        calls.stop_sequence,
        calls.arrival_s,
        calls.arrival_s - lag(calls.arrival_s) OVER (
            PARTITION BY trips.route_id, trips.direction_id, calls.stop_id ORDER BY calls.arrival_s, calls.trip_id
        ) AS planned_headway_s
    FROM transit.timetable AS calls
    JOIN transit.trips AS trips ON trips.trip_id = calls.trip_id
),

observed AS (
    SELECT
        arrivals.day,
        arrivals.trip_id,
        arrivals.stop_sequence,
        arrivals.expected_arrival_at AS arrived_at,
        date_diff('second', lag(arrivals.expected_arrival_at) OVER (
            PARTITION BY arrivals.day, trips.route_id, trips.direction_id, arrivals.stop_id
            ORDER BY arrivals.expected_arrival_at, arrivals.trip_id
        ), arrivals.expected_arrival_at) AS observed_headway_s
    FROM transit.arrivals AS arrivals
    JOIN transit.trips AS trips ON trips.trip_id = arrivals.trip_id
),

days AS (
    SELECT DISTINCT day
    FROM transit.arrivals
)

SELECT
    days.day,
    planned.route_id,
    planned.direction_id,
    planned.trip_id,
    planned.stop_id,
    planned.stop_sequence,
    (days.day::TIMESTAMP + to_seconds(planned.arrival_s)) AT TIME ZONE 'Asia/Shanghai' AS planned_at,
    observed.arrived_at,
    planned.planned_headway_s,
    observed.observed_headway_s,
    coalesce(observed.observed_headway_s < 0.25 * planned.planned_headway_s, false) AS bunched
FROM days
CROSS JOIN planned
LEFT JOIN observed
    ON observed.day = days.day
    AND observed.trip_id = planned.trip_id
    AND observed.stop_sequence = planned.stop_sequence
