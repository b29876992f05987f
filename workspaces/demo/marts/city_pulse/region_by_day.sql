-- Only what its source places in a region. The rules for means are those of city_by_day.
WITH air_station AS (
    SELECT _day AS day, station_code, avg(pm25_ugm3) AS pm25
    FROM environment.air_hourly
    GROUP BY _day, station_code
    HAVING count(pm25_ugm3) >= 20
),

air_day AS (
    -- citylake: allow MEAN because the air of a place is the mean of its stations, each of the same weight
    SELECT stations.region_code, air_station.day, avg(air_station.pm25) AS pm25
    FROM air_station
    JOIN environment.air_stations AS stations ON stations.station_code = air_station.station_code
    GROUP BY stations.region_code, air_station.day
),

rain_gauge AS (
    SELECT region_code, _day AS day, gauge_code, sum(precipitation_1h_mm) AS mm
    FROM environment.rain_gauges
    GROUP BY region_code, _day, gauge_code
    HAVING count(precipitation_1h_mm) >= 20
),

rain_day AS (
    SELECT region_code, day, avg(mm) AS mm
    FROM rain_gauge
    GROUP BY region_code, day
),

speed_day AS (
    SELECT
        region_code,
        _day AS day,
        sum(flow_veh * mean_speed_kmh) / nullif(sum(flow_veh) FILTER (WHERE mean_speed_kmh IS NOT NULL), 0) AS kmh
    FROM traffic.detector_flow
    GROUP BY region_code, _day
),

case_day AS (
    SELECT region_code, _day AS day, count(*) AS cases
    FROM government.hotline_cases
    WHERE region_code IS NOT NULL
    GROUP BY region_code, _day
),

region_days AS (
    SELECT region_code, day FROM air_day
    UNION
    SELECT region_code, day FROM rain_day
    UNION
    SELECT region_code, day FROM speed_day
    UNION
    SELECT region_code, day FROM case_day
)

SELECT
    region_days.region_code,
    region_days.day,
    round(air_day.pm25, 1) AS pm25_24h_ugm3,
    round(rain_day.mm, 1) AS precipitation_24h_mm,
    round(speed_day.kmh, 1) AS mean_speed_kmh,
    case_day.cases
FROM region_days
LEFT JOIN air_day USING (region_code, day)
LEFT JOIN rain_day USING (region_code, day)
LEFT JOIN speed_day USING (region_code, day)
LEFT JOIN case_day USING (region_code, day)
