-- A position belongs to the district of the traffic zone that contains it. Bits 8 and 9 of the states are the load: neither
-- is empty. Bit 4 is out of service.
WITH placed AS (
    SELECT
        zones.region_code,
        positions._day AS day,
        date_trunc('hour', positions.observed_at) AS hour_start,
        positions.vehicle_speed_kmh,
        coalesce(string_split(positions.alarms, ','), []) AS alarms,
        coalesce(string_split(positions.states, ','), []) AS states
    FROM transit.vehicle_positions AS positions
    JOIN transit.zones AS zones
        ON ST_Contains(ST_GeomFromWKB(zones.geometry), ST_Point(positions.longitude_deg, positions.latitude_deg))
)

SELECT
    region_code,
    hour_start,
    day,
    count(*) AS reports,
    count(*) FILTER (WHERE vehicle_speed_kmh > 80) AS fast_reports,
    count(*) FILTER (WHERE list_contains(alarms, '1')) AS overspeed_alarms,
    count(*) FILTER (WHERE list_contains(alarms, '2')) AS fatigue_alarms,
    count(*) FILTER (WHERE list_contains(alarms, '0')) AS emergency_alarms,
    count(*) FILTER (WHERE NOT list_contains(states, '4')) AS service_reports,
    count(*) FILTER (
        WHERE NOT list_contains(states, '4') AND NOT list_contains(states, '8') AND NOT list_contains(states, '9')
    ) AS empty_reports
FROM placed
GROUP BY region_code, hour_start, day
