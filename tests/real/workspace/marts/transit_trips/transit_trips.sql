WITH spans AS (
    SELECT feed, trip_id, count(*) AS stops, min(departure_s) AS start_s, max(arrival_s) AS end_s
    FROM transit.gtfs_stop_times
    GROUP BY feed, trip_id
)

SELECT
    spans.feed,
    spans.trip_id,
    trips.route_id,
    routes.route_short_name,
    trips.direction_id,
    spans.stops,
    printf('%02d:%02d:%02d', spans.start_s // 3600, spans.start_s % 3600 // 60, spans.start_s % 60) AS start_time,
    printf('%02d:%02d:%02d', spans.end_s // 3600, spans.end_s % 3600 // 60, spans.end_s % 60) AS end_time,
    spans.start_s,
    spans.end_s,
    (spans.end_s - spans.start_s) / 3600 AS duration_h
FROM spans
LEFT JOIN transit.gtfs_trips AS trips ON trips.feed = spans.feed AND trips.trip_id = spans.trip_id
LEFT JOIN transit.gtfs_routes AS routes ON routes.feed = trips.feed AND routes.route_id = trips.route_id
