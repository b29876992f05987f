-- A day of a section is the mean of its readings; a trace counts as its detection limit. The limits are those that hold
-- on the day. A class is one more than the number of levels whose limit an item misses; 6 is worse than class V.
WITH section_means AS (
    SELECT
        section_code,
        region_code,
        water_body_kind,
        _day AS day,
        count(*) AS readings,
        avg(ph) AS ph,
        avg(dissolved_oxygen_mgl) AS dissolved_oxygen,
        avg(permanganate_index_mgl) AS permanganate,
        avg(ammonia_nitrogen_mgl) AS ammonia_nitrogen,
        avg(total_phosphorus_mgl) AS total_phosphorus
    FROM environment.water_quality
    GROUP BY section_code, region_code, water_body_kind, _day
),

concentrations AS (
    SELECT section_code, region_code, day, 'dissolved_oxygen' AS quality_item, dissolved_oxygen AS mean_mgl
    FROM section_means
    UNION ALL
    SELECT section_code, region_code, day, 'permanganate', permanganate FROM section_means
    UNION ALL
    SELECT section_code, region_code, day, 'ammonia_nitrogen', ammonia_nitrogen FROM section_means
    UNION ALL
    SELECT
        section_code,
        region_code,
        day,
        CASE WHEN water_body_kind IN ('2', '3') THEN 'total_phosphorus_lake' ELSE 'total_phosphorus' END,
        total_phosphorus
    FROM section_means
),

missed_concentrations AS (
    SELECT
        means.section_code,
        means.region_code,
        means.day,
        means.quality_item,
        limits.standard_edition,
        count(DISTINCT limits.quality_level) FILTER (
            WHERE (limits.quality_bound = '1' AND round(means.mean_mgl, 6) > limits.water_limit_mgl)
            OR (limits.quality_bound = '2' AND round(means.mean_mgl, 6) < limits.water_limit_mgl)
        ) AS missed
    FROM concentrations AS means
    JOIN environment.quality_limits AS limits
        ON limits.quality_medium = '1'
        AND limits.quality_item = means.quality_item
        AND limits.valid_from <= means.day
        AND (limits.valid_to IS NULL OR limits.valid_to > means.day)
    WHERE means.mean_mgl IS NOT NULL
    GROUP BY means.section_code, means.region_code, means.day, means.quality_item, limits.standard_edition
),

missed_acidity AS (
    SELECT
        means.section_code,
        means.region_code,
        means.day,
        'ph' AS quality_item,
        limits.standard_edition,
        count(DISTINCT limits.quality_level) FILTER (
            WHERE (limits.quality_bound = '1' AND round(means.ph, 6) > limits.acidity_limit_ph)
            OR (limits.quality_bound = '2' AND round(means.ph, 6) < limits.acidity_limit_ph)
        ) AS missed
    FROM section_means AS means
    JOIN environment.quality_limits AS limits
        ON limits.quality_medium = '1'
        AND limits.quality_item = 'ph'
        AND limits.valid_from <= means.day
        AND (limits.valid_to IS NULL OR limits.valid_to > means.day)
    WHERE means.ph IS NOT NULL
    GROUP BY means.section_code, means.region_code, means.day, limits.standard_edition
),

missed AS (
    SELECT * FROM missed_concentrations
    UNION ALL
    SELECT * FROM missed_acidity
),

worst AS (
    SELECT *, max(missed) OVER (PARTITION BY section_code, region_code, day) AS most_missed
    FROM missed
)

SELECT
    section_code,
    region_code,
    day,
    (1 + max(most_missed))::VARCHAR AS water_quality_class,
    string_agg(quality_item, ',' ORDER BY quality_item) FILTER (WHERE missed = most_missed AND missed > 2) AS worst_items,
    count(*) AS items,
    max(standard_edition) AS standard_edition
FROM worst
GROUP BY section_code, region_code, day
