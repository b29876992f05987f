-- A message that was delivered twice counts once: its first arrival.
WITH readings AS (
    SELECT plot_code, _day AS day, soil_moisture_pct, air_temperature_degc, illuminance_lx
    FROM agriculture.sensor_readings
    WHERE plot_code IS NOT NULL
    QUALIFY row_number() OVER (PARTITION BY message_device_code, message_seq ORDER BY received_at) = 1
),

climate AS (
    SELECT
        plot_code,
        day,
        count(*) AS readings,
        avg(soil_moisture_pct) AS soil_moisture_pct,
        min(air_temperature_degc) AS coldest_degc,
        max(air_temperature_degc) AS warmest_degc,
        max(illuminance_lx) AS brightest_lx
    FROM readings
    GROUP BY plot_code, day
),

work AS (
    SELECT plot_code, operated_on AS day, count(*) AS operations
    FROM agriculture.operations
    GROUP BY plot_code, operated_on
)

SELECT
    plots.plot_code,
    climate.day,
    plots.region_code,
    plots.crop_code,
    climate.readings,
    round(climate.soil_moisture_pct, 2) AS soil_moisture_pct,
    climate.coldest_degc,
    climate.warmest_degc,
    climate.brightest_lx,
    coalesce(work.operations, 0) AS operations
FROM climate
JOIN agriculture.plots AS plots ON plots.plot_code = climate.plot_code
LEFT JOIN work ON work.plot_code = climate.plot_code AND work.day = climate.day
