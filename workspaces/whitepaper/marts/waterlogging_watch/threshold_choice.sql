-- Every whole score that a tuning hour reached is a candidate; the one with the best F1 on tuning days is chosen, and of
-- equal ones the lowest, which warns earlier. Nothing here reads a held-out day.
WITH tuning AS (
    SELECT watch_score AS score, flood_ahead
    FROM hour_score
    WHERE day_role = '1' AND is_judged AND flood_ahead IS NOT NULL
),

candidates AS (
    SELECT DISTINCT floor(score) AS threshold FROM tuning WHERE score >= 1
),

outcomes AS (
    SELECT
        candidates.threshold,
        count(*) FILTER (WHERE tuning.score >= candidates.threshold AND tuning.flood_ahead) AS hits,
        count(*) FILTER (WHERE tuning.score < candidates.threshold AND tuning.flood_ahead) AS misses,
        count(*) FILTER (WHERE tuning.score >= candidates.threshold AND NOT tuning.flood_ahead) AS false_alarms
    FROM candidates
    CROSS JOIN tuning
    GROUP BY candidates.threshold
),

ranked AS (
    SELECT *, round(2.0 * hits / nullif(2 * hits + misses + false_alarms, 0), 6) AS f1
    FROM outcomes
)

SELECT
    threshold AS watch_score,
    hits,
    misses,
    false_alarms,
    f1,
    row_number() OVER (ORDER BY f1 DESC NULLS LAST, threshold) = 1 AS is_chosen
FROM ranked
