-- A case of yesterday cannot have a long delay yet: only cases with onset 14 days ago or more tell how long delays are.
WITH delayed AS (
    SELECT disease_group, _day - onset_on AS delay
    FROM health.notifiable_cases
    WHERE onset_on <= (SELECT max(_day) FROM health.notifiable_cases) - 14
)

SELECT
    coalesce(disease_group, 'all') AS disease_group,
    quantile_disc(delay, 0.5) AS median_delay_d,
    quantile_disc(delay, 0.9) AS delay_p90_d,
    round(100.0 * count(*) FILTER (WHERE delay <= 1) / count(*), 1) AS within_1d_pct,
    round(100.0 * count(*) FILTER (WHERE delay <= 7) / count(*), 1) AS within_7d_pct
FROM delayed
GROUP BY GROUPING SETS ((disease_group), ())
