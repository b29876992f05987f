WITH days AS (
    SELECT
        _day AS day,
        _day::TIMESTAMP AT TIME ZONE 'Asia/Shanghai' AS day_start,
        (_day + 1)::TIMESTAMP AT TIME ZONE 'Asia/Shanghai' AS day_end
    FROM security.device_heartbeats
    GROUP BY _day
),

-- Spare devices in store have no day of installation.
in_use AS (
    SELECT
        devices.security_device_code,
        devices.security_device_class AS device_class,
        devices.region_code,
        days.day,
        epoch(days.day_end - days.day_start) / 60 AS watched_min
    FROM security.devices AS devices
    JOIN days ON devices.device_installed_on <= days.day
),

parts AS (
    SELECT
        outage.device_code,
        days.day,
        greatest(outage.started_at, days.day_start) AS part_start,
        least(coalesce(outage.ended_at, days.day_end), days.day_end) AS part_end
    FROM outage
    JOIN days ON outage.started_at < days.day_end AND coalesce(outage.ended_at, days.day_end) > days.day_start
),

offline AS (
    SELECT
        device_code,
        day,
        sum(epoch(part_end - part_start) / 60) AS offline_min
    FROM parts
    GROUP BY device_code, day
),

warmest AS (
    SELECT security_device_code, _day AS day, max(cabinet_temperature_degc) AS warmest_degc
    FROM security.device_heartbeats
    GROUP BY security_device_code, _day
)

SELECT
    in_use.device_class,
    in_use.region_code,
    in_use.day,
    count(*) AS devices,
    round(coalesce(sum(offline.offline_min), 0), 2) AS offline_min,
    -- citylake: allow GRAIN because each device has one row a day
    round(100.0 * (1 - coalesce(sum(offline.offline_min), 0) / sum(in_use.watched_min)), 2) AS availability_pct,
    max(warmest.warmest_degc) AS warmest_degc
FROM in_use
LEFT JOIN offline ON offline.device_code = in_use.security_device_code AND offline.day = in_use.day
LEFT JOIN warmest ON warmest.security_device_code = in_use.security_device_code AND warmest.day = in_use.day
GROUP BY in_use.device_class, in_use.region_code, in_use.day
