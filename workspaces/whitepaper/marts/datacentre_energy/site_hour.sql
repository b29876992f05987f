-- Power counts UTC by the start of a quarter, water local time by the end of ten minutes: both are instants in the lake.
-- Heat: Q = flow (m3/h) × 4190 kJ/(m3·K) × difference (K), over 3600 s/h: kW.
WITH power AS (
    SELECT
        datacentre_code,
        _day AS day,
        date_trunc('hour', interval_start) AS hour_start,
        avg(it_power_kw) AS it_kw,
        avg(facility_power_kw) AS facility_kw
    FROM energy.datacentre_power
    GROUP BY datacentre_code, _day, date_trunc('hour', interval_start)
    HAVING count(*) >= 3
),

loop_hour AS (
    SELECT
        datacentre_code,
        cooling_loop_code,
        date_trunc('hour', interval_start) AS hour_start,
        avg(cooling_flow_m3h * (return_temperature_degc - supply_temperature_degc)) * 4190 / 3600 AS heat_kw
    FROM energy.datacentre_cooling
    GROUP BY datacentre_code, cooling_loop_code, date_trunc('hour', interval_start)
    HAVING count(*) >= 5
),

heat AS (
    SELECT datacentre_code, hour_start, sum(heat_kw) AS heat_kw FROM loop_hour GROUP BY datacentre_code, hour_start
)

SELECT
    power.datacentre_code,
    power.hour_start,
    power.day,
    -- citylake: allow UNIT because the mean power of one hour in kW is that hour's energy in kWh
    power.it_kw AS it_kwh,
    -- citylake: allow UNIT because the mean power of one hour in kW is that hour's energy in kWh
    power.facility_kw AS facility_kwh,
    round(power.facility_kw / power.it_kw, 3) AS pue,
    -- citylake: allow UNIT because 4190 is in kJ/(m3·K), and the mean power of one hour is its energy
    round(heat.heat_kw, 2) AS heat_kwh
FROM power
LEFT JOIN heat USING (datacentre_code, hour_start)
