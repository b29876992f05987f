WITH nights AS (
    SELECT
        metering_zone_code,
        _day AS day,
        avg(zone_inflow_m3) AS night_inflow_m3,
        avg(zone_pressure_kpa) AS night_pressure_kpa
    FROM utilities.pipe_readings
    WHERE hour(hour_start) BETWEEN 2 AND 4
    GROUP BY metering_zone_code, _day
),

compared AS (
    SELECT
        *,
        median(night_inflow_m3) OVER before AS usual_inflow_m3,
        median(night_pressure_kpa) OVER before AS usual_pressure_kpa,
        count(*) OVER before AS nights_before
    FROM nights
    WINDOW before AS (PARTITION BY metering_zone_code ORDER BY day ROWS BETWEEN 7 PRECEDING AND 1 PRECEDING)
)

SELECT
    compared.metering_zone_code,
    compared.day,
    zones.region_code,
    compared.night_inflow_m3,
    compared.usual_inflow_m3,
    compared.night_pressure_kpa,
    compared.usual_pressure_kpa,
    compared.nights_before >= 4
    AND compared.night_inflow_m3 > 1.3 * compared.usual_inflow_m3
    AND compared.night_pressure_kpa < 0.9 * compared.usual_pressure_kpa AS is_leak_suspected
FROM compared
JOIN utilities.metering_zones AS zones ON zones.metering_zone_code = compared.metering_zone_code
