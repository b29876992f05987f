-- An interval begins with a message that the state before does not have, and ends with the next one that ends it.
WITH told AS (
    SELECT DISTINCT
        component_code,
        substr(component_event, 1, 1) AS component_alarm_kind,
        substr(component_event, 2, 1) = '1' AS is_out_of_order,
        observed_at
    FROM utilities.component_alarms
),

changed AS (
    SELECT
        *,
        lag(is_out_of_order, 1, FALSE) OVER (
            PARTITION BY component_code, component_alarm_kind ORDER BY observed_at, is_out_of_order
        ) AS was_out_of_order
    FROM told
),

bounds AS (
    SELECT
        *,
        lead(observed_at) OVER (PARTITION BY component_code, component_alarm_kind ORDER BY observed_at) AS ended_at
    FROM changed
    WHERE is_out_of_order <> was_out_of_order
)

SELECT component_code, component_alarm_kind, observed_at AS interval_start, ended_at AS interval_end
FROM bounds
WHERE is_out_of_order
