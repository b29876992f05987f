WITH reports AS (
    SELECT 'hotline' AS source, case_category, region_code, accepted_at, closed_at
    FROM government.hotline_cases
    UNION ALL
    SELECT 'snapshot' AS source, case_category, region_code, accepted_at, closed_at
    FROM government.snapshots
)

SELECT
    source,
    case_category,
    region_code,
    count(*) AS reports,
    count(closed_at) AS closed,
    round(median(epoch(closed_at - accepted_at)) / 3600, 1) AS median_hours
FROM reports
GROUP BY source, case_category, region_code
