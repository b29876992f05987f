-- Successive burst hours of one source, field and region are one burst.
WITH marked AS (
    SELECT
        *,
        hour_start - INTERVAL 1 HOUR * row_number() OVER (
            PARTITION BY source, case_category, region_code ORDER BY hour_start
        ) AS island
    FROM pulse_hour
    WHERE is_burst
)

SELECT
    source,
    case_category,
    region_code,
    min(hour_start) AS hour_start,
    min(day) AS day,
    count(*) AS hours,
    sum(reports)::BIGINT AS reports,
    round(sum(usual_reports), 2) AS usual_reports,
    min(chance) AS least_chance
FROM marked
GROUP BY source, case_category, region_code, island
