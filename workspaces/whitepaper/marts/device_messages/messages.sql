-- Every arrival of a message, whatever its platform. Another platform is one more SELECT with these columns.
WITH arrivals AS (
    SELECT 'mqtt' AS device_platform, message_device_code, message_seq, observed_at, received_at
    FROM agriculture.sensor_readings
    UNION ALL
    SELECT 'sensorthings' AS device_platform, message_device_code, message_seq, observed_at, received_at
    FROM environment.noise_observations
    UNION ALL
    SELECT 'ngsi_ld' AS device_platform, message_device_code, message_seq, observed_at, received_at
    FROM environment.water_levels
),

numbered AS (
    SELECT
        *,
        row_number() OVER (
            PARTITION BY device_platform, message_device_code, message_seq ORDER BY received_at
        ) AS delivery_no,
        max(message_seq) OVER (
            PARTITION BY device_platform, message_device_code
            ORDER BY received_at, message_seq
            ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
        ) AS highest_before
    FROM arrivals
)

SELECT
    device_platform,
    message_device_code,
    message_seq,
    observed_at,
    received_at,
    date_trunc('hour', observed_at) AS hour_start,
    (epoch_ms(received_at) - epoch_ms(observed_at)) / 1000.0 AS delay_s,
    delivery_no > 1 AS is_duplicate,
    delivery_no = 1 AND coalesce(highest_before > message_seq, false) AS is_disordered
FROM numbered
