-- A 24-hour mean needs 20 hours (GB 3095-2026, table 4); so does a gauge's sum here. Rain is the mean of the gauges.
WITH air_station AS (
    SELECT _day AS day, station_code, avg(pm25_ugm3) AS pm25
    FROM environment.air_hourly
    GROUP BY _day, station_code
    HAVING count(pm25_ugm3) >= 20
),

air_day AS (
    -- citylake: allow MEAN because the air of a place is the mean of its stations, each of the same weight
    SELECT day, avg(pm25) AS pm25
    FROM air_station
    GROUP BY day
),

rain_gauge AS (
    SELECT _day AS day, gauge_code, sum(precipitation_1h_mm) AS mm
    FROM environment.rain_gauges
    GROUP BY _day, gauge_code
    HAVING count(precipitation_1h_mm) >= 20
    UNION ALL
    SELECT _day AS day, gauge_code, sum(precipitation_mm) AS mm
    FROM environment.rain_intervals
    GROUP BY _day, gauge_code
    HAVING count(precipitation_mm) >= 20 * 12
),

rain_day AS (
    SELECT day, avg(mm) AS mm
    FROM rain_gauge
    GROUP BY day
),

warmth_day AS (
    SELECT _day AS day, avg(air_temperature_degc) AS degc
    FROM environment.weather_readings
    GROUP BY _day
),

-- Where vehicles are counted, each of them weighs; where only stretches of road are known, each reading does.
speed AS (
    SELECT _day AS day, mean_speed_kmh AS kmh, flow_veh AS weight
    FROM traffic.detector_flow
    UNION ALL
    SELECT _day AS day, mean_speed_kmh AS kmh, 1 AS weight
    FROM traffic.segment_speed
),

speed_day AS (
    SELECT day, sum(kmh * weight) / nullif(sum(weight) FILTER (WHERE kmh IS NOT NULL), 0) AS kmh
    FROM speed
    GROUP BY day
),

case_day AS (
    SELECT _day AS day, count(*) AS cases
    FROM government.hotline_cases
    GROUP BY _day
),

days AS (
    SELECT day FROM air_day
    UNION
    SELECT day FROM rain_day
    UNION
    SELECT day FROM warmth_day
    UNION
    SELECT day FROM speed_day
    UNION
    SELECT day FROM case_day
)

SELECT
    days.day,
    round(air_day.pm25, 1) AS pm25_24h_ugm3,
    round(rain_day.mm, 1) AS precipitation_24h_mm,
    round(warmth_day.degc, 1) AS air_temperature_degc,
    round(speed_day.kmh, 1) AS mean_speed_kmh,
    case_day.cases
FROM days
LEFT JOIN air_day USING (day)
LEFT JOIN rain_day USING (day)
LEFT JOIN warmth_day USING (day)
LEFT JOIN speed_day USING (day)
LEFT JOIN case_day USING (day)
