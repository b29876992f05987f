WITH nights AS (
    SELECT DISTINCT _day AS day
    FROM utilities.component_alarms
),

lamps AS (
    SELECT component_code, region_code
    FROM component_condition
    WHERE component_kind = '02'
),

out_at_night AS (
    SELECT lamps.region_code, nights.day, count(DISTINCT lamps.component_code) AS lamps_out
    FROM nights
    JOIN alarm_interval AS alarms
        ON alarms.component_alarm_kind = '3'
        AND alarms.interval_start <= (nights.day + INTERVAL 21 HOURS) AT TIME ZONE 'Asia/Shanghai'
        AND (
            alarms.interval_end IS NULL
            OR alarms.interval_end > (nights.day + INTERVAL 21 HOURS) AT TIME ZONE 'Asia/Shanghai'
        )
    JOIN lamps ON lamps.component_code = alarms.component_code
    GROUP BY lamps.region_code, nights.day
),

lamps_there AS (
    SELECT region_code, count(*) AS lamps
    FROM lamps
    GROUP BY region_code
)

SELECT
    lamps_there.region_code,
    nights.day,
    lamps_there.lamps,
    coalesce(out_at_night.lamps_out, 0) AS lamps_out,
    round(100 * coalesce(out_at_night.lamps_out, 0) / lamps_there.lamps, 2) AS lamp_outage_pct
FROM lamps_there
CROSS JOIN nights
LEFT JOIN out_at_night
    ON out_at_night.region_code = lamps_there.region_code AND out_at_night.day = nights.day
