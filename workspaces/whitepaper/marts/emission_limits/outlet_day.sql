-- A limit is compared with hourly means that the monitor flags as normal, converted to the reference oxygen.
WITH days AS (
    SELECT DISTINCT _day AS day FROM emissions.outlet_readings
),

watched AS (
    SELECT
        sources.outlet_code,
        sources.device_no,
        sources.region_code,
        limits.factor_code,
        days.day,
        min(limits.limit_mgm3) AS limit_mgm3
    FROM emissions.sources AS sources
    JOIN emissions.limits AS limits ON limits.outlet_code = sources.outlet_code
    JOIN days ON days.day >= limits.valid_from AND days.day < coalesce(limits.valid_to, DATE '9999-01-01')
    WHERE sources.device_no IS NOT NULL
    GROUP BY sources.outlet_code, sources.device_no, sources.region_code, limits.factor_code, days.day
)

SELECT
    watched.outlet_code,
    watched.factor_code,
    watched.day,
    watched.region_code,
    any_value(watched.limit_mgm3) AS limit_mgm3,
    max(readings.converted_concentration_mgm3) FILTER (WHERE readings.data_flag = 'N') AS highest_mgm3,
    24::BIGINT AS hours_expected,
    count(DISTINCT readings.hour_start) AS hours_received,
    count(DISTINCT readings.hour_start) FILTER (WHERE readings.data_flag = 'N') AS hours_valid,
    count(DISTINCT readings.hour_start) FILTER (
        WHERE readings.data_flag = 'N' AND readings.converted_concentration_mgm3 > watched.limit_mgm3
    ) AS hours_over
FROM watched
LEFT JOIN emissions.outlet_readings AS readings
    ON
        readings.device_no = watched.device_no
        AND readings.factor_code = watched.factor_code
        AND readings._day = watched.day
GROUP BY watched.outlet_code, watched.factor_code, watched.day, watched.region_code
