WITH compared AS (
    SELECT
        pollutant,
        CASE WHEN pollutant = 'CO' THEN 0.1 ELSE 1.0 END AS tolerance,
        -- A difference of exactly the tolerance may come out a binary hair above it.
        round(abs(value_prsa - value_cnemc), 6) AS distance,
        value_prsa - value_cnemc AS difference
    FROM station_hour_pairs
)

SELECT
    pollutant,
    count(*) AS pairs,
    any_value(tolerance)::DOUBLE AS tolerance,
    count(*) FILTER (WHERE distance <= tolerance) AS within_1,
    round(count(*) FILTER (WHERE distance <= tolerance) / count(*), 4) AS share_within_1,
    round(avg(difference), 4) AS mean_difference
FROM compared
GROUP BY pollutant
