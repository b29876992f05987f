WITH came AS (
    SELECT
        device_platform,
        hour_start,
        count(*) AS arrivals,
        count(*) FILTER (WHERE NOT is_duplicate) AS messages,
        count(*) FILTER (WHERE is_duplicate) AS duplicates,
        count(*) FILTER (WHERE is_disordered) AS disordered,
        count(DISTINCT message_device_code) AS devices,
        min(received_at) AS first_at,
        max(received_at) AS last_at,
        median(delay_s) AS median_delay_s,
        max(delay_s) AS longest_delay_s
    FROM messages
    GROUP BY device_platform, hour_start
),

missed AS (
    SELECT device_platform, hour_start, sum(missing)::BIGINT AS missing
    FROM sequence_gaps
    GROUP BY device_platform, hour_start
)

SELECT came.*, coalesce(missed.missing, 0) AS missing
FROM came
LEFT JOIN missed ON missed.device_platform = came.device_platform AND missed.hour_start = came.hour_start
