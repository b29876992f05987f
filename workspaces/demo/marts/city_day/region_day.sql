-- The natural day is the air's day; a 24-hour mean needs 20 hours, an 8-hour mean 6 of its 8 (GB 3095-2026, table 4).
-- An hour of a region is the mean of its stations, and a day the mean of its hours.
WITH air_hour AS (
    SELECT
        stations.region_code,
        air._day AS day,
        air.hour_start,
        avg(air.pm25_ugm3) AS pm25,
        avg(air.pm10_ugm3) AS pm10,
        avg(air.so2_ugm3) AS so2,
        avg(air.no2_ugm3) AS no2,
        avg(air.o3_ugm3) AS o3,
        avg(air.co_mgm3) AS co
    FROM environment.air_hourly AS air
    JOIN environment.air_stations AS stations ON stations.station_code = air.station_code
    GROUP BY stations.region_code, air._day, air.hour_start
),

air_8h AS (
    SELECT
        *,
        avg(o3) OVER eight_hours AS o3_8h,
        count(o3) OVER eight_hours AS o3_hours
    FROM air_hour
    WINDOW eight_hours AS (
        PARTITION BY region_code, day ORDER BY hour_start
        RANGE BETWEEN INTERVAL 7 HOURS PRECEDING AND CURRENT ROW
    )
),

air_day AS (
    SELECT
        region_code,
        day,
        CASE WHEN count(pm25) >= 20 THEN avg(pm25) END AS pm25, -- citylake: allow MEAN because each hour counts once
        CASE WHEN count(pm10) >= 20 THEN avg(pm10) END AS pm10,
        CASE WHEN count(so2) >= 20 THEN avg(so2) END AS so2, -- citylake: allow MEAN because each hour counts once
        CASE WHEN count(no2) >= 20 THEN avg(no2) END AS no2,
        CASE WHEN count(co) >= 20 THEN avg(co) END AS co, -- citylake: allow MEAN because each hour counts once
        max(o3_8h) FILTER (WHERE hour(hour_start) >= 7 AND o3_hours >= 6) AS o3_8h,
        CASE WHEN count(o3) >= 20 THEN max(o3) END AS o3_1h
    FROM air_8h
    GROUP BY region_code, day
),

air_index AS (
    SELECT *, aqi_daily(day, so2, no2, co, o3_8h, pm10, pm25, o3_1h) AS grade
    FROM air_day
),

traffic_day AS (
    SELECT
        region_code,
        _day AS day,
        sum(flow_veh)::BIGINT AS flow_veh,
        sum(flow_veh * mean_speed_kmh) / nullif(sum(flow_veh) FILTER (WHERE mean_speed_kmh IS NOT NULL), 0) AS speed_kmh
    FROM traffic.detector_flow
    GROUP BY region_code, _day
),

rain_hour AS (
    SELECT region_code, _day AS day, hour_start, avg(precipitation_1h_mm) AS rain_mm
    FROM environment.rain_gauges
    GROUP BY region_code, _day, hour_start
),

rain_day AS (
    SELECT region_code, day, sum(rain_mm) AS rain_mm
    FROM rain_hour
    GROUP BY region_code, day
),

case_day AS (
    SELECT
        region_code,
        _day AS day,
        count(*) AS cases,
        count(*) FILTER (WHERE case_category = '03') AS drainage_cases
    FROM government.hotline_cases
    GROUP BY region_code, _day
),

region_days AS (
    SELECT region_code, day FROM air_day
    UNION
    SELECT region_code, day FROM traffic_day
    UNION
    SELECT region_code, day FROM rain_day
    UNION
    SELECT region_code, day FROM case_day
),

enterprise_day AS (
    SELECT region_days.region_code, region_days.day, count(*) AS enterprises
    FROM region_days
    JOIN government.enterprise_registry AS register
        ON register.region_code = region_days.region_code
        AND register.valid_from <= region_days.day
        AND (register.valid_to IS NULL OR register.valid_to > region_days.day)
    WHERE register.registration_status = '1'
    GROUP BY region_days.region_code, region_days.day
)

SELECT
    region_days.region_code,
    region_days.day,
    air_index.grade.aqi AS aqi,
    air_index.grade.class AS aqi_class,
    air_index.grade.edition AS aqi_edition,
    air_index.grade.primary_pollutants AS primary_pollutants,
    round(air_index.pm25, 1) AS pm25_24h_ugm3,
    round(air_index.no2, 1) AS no2_24h_ugm3,
    round(air_index.o3_8h, 1) AS o3_8h_24h_ugm3,
    round(air_index.co, 2) AS co_24h_mgm3,
    traffic_day.flow_veh,
    round(traffic_day.speed_kmh, 1) AS mean_speed_kmh,
    round(rain_day.rain_mm, 1) AS precipitation_24h_mm,
    coalesce(case_day.cases, 0) AS cases,
    coalesce(case_day.drainage_cases, 0) AS drainage_cases,
    enterprise_day.enterprises
FROM region_days
LEFT JOIN air_index USING (region_code, day)
LEFT JOIN traffic_day USING (region_code, day)
LEFT JOIN rain_day USING (region_code, day)
LEFT JOIN case_day USING (region_code, day)
LEFT JOIN enterprise_day USING (region_code, day)
