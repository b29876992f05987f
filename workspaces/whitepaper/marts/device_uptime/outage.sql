-- An outage goes from the first message "offline" to the next message "online". Polls in between change nothing.
WITH seen AS (
    SELECT
        security_device_code,
        observed_at,
        device_state,
        lag(device_state) OVER (PARTITION BY security_device_code ORDER BY observed_at) AS before
    FROM security.device_heartbeats
),

changes AS (
    SELECT
        security_device_code,
        device_state,
        observed_at AS started_at,
        lead(observed_at) OVER (PARTITION BY security_device_code ORDER BY observed_at) AS ended_at
    FROM seen
    WHERE before IS DISTINCT FROM device_state
),

newest AS (
    SELECT (max(_day) + 1)::TIMESTAMP AT TIME ZONE 'Asia/Shanghai' AS period_end
    FROM security.device_heartbeats
)

SELECT
    changes.security_device_code AS device_code,
    devices.security_device_class AS device_class,
    devices.region_code,
    changes.started_at,
    changes.ended_at,
    round(epoch(coalesce(changes.ended_at, newest.period_end) - changes.started_at) / 60, 2) AS duration_min
FROM changes
CROSS JOIN newest
LEFT JOIN security.devices AS devices ON devices.security_device_code = changes.security_device_code
WHERE changes.device_state = '0'
