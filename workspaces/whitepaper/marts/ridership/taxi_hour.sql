SELECT
    zones.region_code,
    date_trunc('hour', trips.picked_up_at) AS hour_start,
    trips._day AS day,
    count(*) AS trips,
    -- citylake: allow GRAIN because traffic zones do not overlap, so a place lies in one of them
    sum(trips.fare_cny) AS fare_cny,
    -- citylake: allow GRAIN because traffic zones do not overlap, so a place lies in one of them
    sum(trips.ride_distance_km) AS ride_distance_km
FROM transit.taxi_trips AS trips
JOIN transit.zones AS zones
    ON ST_Contains(ST_GeomFromWKB(zones.geometry), ST_Point(trips.longitude_deg, trips.latitude_deg))
GROUP BY ALL
