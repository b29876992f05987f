WITH roads AS (
    SELECT
        region_code,
        hour_start,
        _day AS day,
        sum(flow_veh)::BIGINT AS flow_veh,
        sum(flow_veh * mean_speed_kmh) / nullif(sum(flow_veh) FILTER (WHERE mean_speed_kmh IS NOT NULL), 0) AS speed_kmh
    FROM traffic.detector_flow
    GROUP BY region_code, hour_start, _day
),

air AS (
    SELECT
        stations.region_code,
        readings.hour_start,
        avg(readings.so2_ugm3) AS so2,
        avg(readings.no2_ugm3) AS no2,
        avg(readings.co_mgm3) AS co,
        avg(readings.o3_ugm3) AS o3,
        avg(readings.pm10_ugm3) AS pm10,
        avg(readings.pm25_ugm3) AS pm25
    FROM environment.air_hourly AS readings
    JOIN environment.air_stations AS stations ON stations.station_code = readings.station_code
    GROUP BY stations.region_code, readings.hour_start
),

rain AS (
    SELECT region_code, hour_start, avg(precipitation_1h_mm) AS rain_mm
    FROM environment.rain_gauges
    GROUP BY region_code, hour_start
),

air_index AS (
    SELECT *, aqi_hourly(hour_start, so2, no2, co, o3, pm10, pm25) AS grade
    FROM air
)

SELECT
    roads.region_code,
    roads.hour_start,
    roads.day,
    roads.flow_veh,
    round(roads.speed_kmh, 1) AS mean_speed_kmh,
    round(air_index.no2, 1) AS no2_ugm3,
    round(air_index.co, 2) AS co_mgm3,
    round(air_index.pm25, 1) AS pm25_ugm3,
    air_index.grade.aqi AS aqi,
    air_index.grade.edition AS aqi_edition,
    round(rain.rain_mm, 1) AS precipitation_1h_mm
FROM roads
JOIN air_index USING (region_code, hour_start)
LEFT JOIN rain USING (region_code, hour_start)
