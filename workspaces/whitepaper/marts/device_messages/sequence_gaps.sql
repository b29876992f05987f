-- Between two numbers of one device that follow each other in the lake: how many numbers are missing.
WITH known AS (
    SELECT device_platform, message_device_code, message_seq, observed_at
    FROM messages
    WHERE NOT is_duplicate
),

pairs AS (
    SELECT
        device_platform,
        message_device_code,
        message_seq AS last_before,
        observed_at AS from_time,
        lead(message_seq) OVER (PARTITION BY device_platform, message_device_code ORDER BY message_seq) AS first_after,
        lead(observed_at) OVER (PARTITION BY device_platform, message_device_code ORDER BY message_seq) AS to_time
    FROM known
)

SELECT
    device_platform,
    message_device_code,
    last_before,
    first_after,
    first_after - last_before - 1 AS missing,
    from_time,
    to_time,
    date_trunc('hour', from_time) AS hour_start
FROM pairs
WHERE first_after > last_before + 1
