-- All five media of a region's day. Air and rain are those of the mart of the city's days: one definition for all.
WITH water AS (
    SELECT
        region_code,
        day,
        count(*) AS sections,
        max(water_quality_class) AS worst_class,
        string_agg(section_code || ' ' || worst_items, '; ' ORDER BY section_code)
            FILTER (WHERE worst_items IS NOT NULL) AS reasons,
        max(standard_edition) AS edition
    FROM section_day
    GROUP BY region_code, day
),

noise AS (
    SELECT
        region_code,
        day,
        count(*) FILTER (WHERE noise_period = '1') AS day_points,
        count(*) FILTER (WHERE noise_period = '1' AND meets_limit) AS day_points_met,
        count(*) FILTER (WHERE noise_period = '2') AS night_points,
        count(*) FILTER (WHERE noise_period = '2' AND meets_limit) AS night_points_met,
        max(standard_edition) AS edition
    FROM noise_point_day
    GROUP BY region_code, day
)

SELECT
    ground.region_code,
    ground.day,
    air.aqi,
    air.aqi_class,
    air.aqi_edition,
    air.primary_pollutants,
    air.precipitation_24h_mm,
    water.sections AS water_sections,
    water.worst_class AS water_quality_class,
    water.reasons AS water_reasons,
    water.edition AS water_edition,
    noise.day_points AS noise_day_points,
    noise.day_points_met AS noise_day_points_met,
    noise.night_points AS noise_night_points,
    noise.night_points_met AS noise_night_points_met,
    noise.edition AS noise_edition,
    ground.soil_points,
    ground.soil_points_above,
    ground.soil_above,
    ground.newest_sample_on,
    ground.oldest_sample_on,
    ground.soil_edition,
    ground.composite_start,
    ground.ndvi,
    ground.vegetation_coverage_pct
FROM region_ground AS ground
LEFT JOIN mart.city_day.region_day AS air ON air.region_code = ground.region_code AND air.day = ground.day
LEFT JOIN water ON water.region_code = ground.region_code AND water.day = ground.day
LEFT JOIN noise ON noise.region_code = ground.region_code AND noise.day = ground.day
