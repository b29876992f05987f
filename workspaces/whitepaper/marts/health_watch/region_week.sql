SELECT
    date_trunc('week', onset_on)::DATE AS week_start,
    coalesce(region_code, 'all') AS region,
    coalesce(disease_group, 'all') AS disease_group,
    count(*) AS cases
FROM health.notifiable_cases
GROUP BY GROUPING SETS (
    (date_trunc('week', onset_on), region_code, disease_group),
    (date_trunc('week', onset_on), region_code),
    (date_trunc('week', onset_on), disease_group),
    (date_trunc('week', onset_on))
)
