-- Soil and vegetation as they were known on the day: each point's latest sample, and the latest composite that had
-- ended. A content that is not detected (ND) is below every limit.
WITH days AS (
    SELECT DISTINCT region_code, day FROM noise_point_day
    UNION
    SELECT DISTINCT region_code, day FROM section_day
),

contents AS (
    SELECT soil_sample_no, soil_land_class, sampled_on, 'arsenic' AS quality_item, soil_arsenic_mgkg AS content_mgkg
    FROM environment.soil_samples
    UNION ALL
    SELECT soil_sample_no, soil_land_class, sampled_on, 'cadmium', soil_cadmium_mgkg FROM environment.soil_samples
    UNION ALL
    SELECT soil_sample_no, soil_land_class, sampled_on, 'chromium6', soil_chromium6_mgkg FROM environment.soil_samples
    UNION ALL
    SELECT soil_sample_no, soil_land_class, sampled_on, 'copper', soil_copper_mgkg FROM environment.soil_samples
    UNION ALL
    SELECT soil_sample_no, soil_land_class, sampled_on, 'lead', soil_lead_mgkg FROM environment.soil_samples
    UNION ALL
    SELECT soil_sample_no, soil_land_class, sampled_on, 'mercury', soil_mercury_mgkg FROM environment.soil_samples
    UNION ALL
    SELECT soil_sample_no, soil_land_class, sampled_on, 'nickel', soil_nickel_mgkg FROM environment.soil_samples
),

judged AS (
    SELECT
        contents.soil_sample_no,
        string_agg(contents.quality_item, ',' ORDER BY contents.quality_item)
            FILTER (WHERE contents.content_mgkg > limits.soil_limit_mgkg) AS items_above,
        max(limits.standard_edition) AS edition
    FROM contents
    JOIN environment.quality_limits AS limits
        ON limits.quality_medium = '4'
        AND limits.quality_item = contents.quality_item
        AND limits.quality_level = contents.soil_land_class
        AND limits.valid_from <= contents.sampled_on
        AND (limits.valid_to IS NULL OR limits.valid_to > contents.sampled_on)
    GROUP BY contents.soil_sample_no
),

known_samples AS (
    SELECT
        days.region_code,
        days.day,
        samples.soil_sample_no,
        samples.soil_point_code,
        samples.sampled_on,
        row_number() OVER (
            PARTITION BY days.region_code, days.day, samples.soil_point_code
            ORDER BY samples.sampled_on DESC, samples.soil_sample_no
        ) AS place
    FROM days
    JOIN environment.soil_samples AS samples
        ON samples.region_code = days.region_code AND samples.sampled_on <= days.day
),

soil AS (
    SELECT
        known_samples.region_code,
        known_samples.day,
        count(DISTINCT known_samples.soil_point_code) AS points,
        count(DISTINCT known_samples.soil_point_code) FILTER (WHERE judged.items_above IS NOT NULL) AS points_above,
        string_agg(known_samples.soil_point_code || ' ' || judged.items_above, '; ' ORDER BY known_samples.soil_point_code)
            FILTER (WHERE judged.items_above IS NOT NULL) AS above,
        max(known_samples.sampled_on) AS newest_sample_on,
        min(known_samples.sampled_on) AS oldest_sample_on,
        max(judged.edition) AS edition
    FROM known_samples
    JOIN judged ON judged.soil_sample_no = known_samples.soil_sample_no
    WHERE known_samples.place = 1
    GROUP BY known_samples.region_code, known_samples.day
),

composites AS (
    SELECT
        region_code,
        composite_start,
        max(composite_end) AS composite_end,
        avg(ndvi) AS ndvi,
        avg(vegetation_coverage_pct) AS coverage_pct
    FROM environment.vegetation_index
    GROUP BY region_code, composite_start
),

known_composites AS (
    SELECT
        days.region_code,
        days.day,
        composites.composite_start,
        composites.ndvi,
        composites.coverage_pct,
        row_number() OVER (
            PARTITION BY days.region_code, days.day ORDER BY composites.composite_start DESC
        ) AS place
    FROM days
    JOIN composites ON composites.region_code = days.region_code AND composites.composite_end < days.day
)

SELECT
    days.region_code,
    days.day,
    soil.points AS soil_points,
    soil.points_above AS soil_points_above,
    soil.above AS soil_above,
    soil.newest_sample_on,
    soil.oldest_sample_on,
    soil.edition AS soil_edition,
    greens.composite_start,
    round(greens.ndvi, 4) AS ndvi,
    round(greens.coverage_pct, 1) AS vegetation_coverage_pct
FROM days
LEFT JOIN soil USING (region_code, day)
LEFT JOIN known_composites AS greens
    ON greens.region_code = days.region_code AND greens.day = days.day AND greens.place = 1
