-- The visitors of an hour are the difference of two readings. A counter that falls started again at zero, and its
-- reading is the number since then. The first reading of a day is where the day's count begins.
WITH steps AS (
    SELECT
        venue_code,
        gate_code,
        _day AS day,
        observed_at,
        counter_in_persons,
        counter_out_persons,
        lag(counter_in_persons) OVER of_gate AS in_before,
        lag(counter_out_persons) OVER of_gate AS out_before
    FROM tourism.gate_counters
    WINDOW of_gate AS (PARTITION BY gate_code, _day ORDER BY observed_at)
),

marked AS (
    SELECT *, counter_in_persons < in_before OR counter_out_persons < out_before AS was_reset
    FROM steps
    WHERE in_before IS NOT NULL
)

SELECT
    venue_code,
    gate_code,
    day,
    date_trunc('hour', observed_at) - INTERVAL 1 HOUR AS hour_start,
    sum(CASE WHEN was_reset THEN counter_in_persons ELSE counter_in_persons - in_before END)::BIGINT AS entries_persons,
    sum(CASE WHEN was_reset THEN counter_out_persons ELSE counter_out_persons - out_before END)::BIGINT AS exits_persons,
    bool_or(was_reset) AS was_reset
FROM marked
GROUP BY venue_code, gate_code, day, date_trunc('hour', observed_at)
