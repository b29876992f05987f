-- Day is 06:00 to 22:00, night the other hours of the same natural day. A mean of levels is one of energy.
WITH periods AS (
    SELECT
        noise_station_code,
        region_code,
        acoustic_zone,
        _day AS day,
        CASE WHEN hour(hour_start) >= 6 AND hour(hour_start) < 22 THEN '1' ELSE '2' END AS noise_period,
        noise_leq_dba
    FROM environment.noise_hourly
),

levels AS (
    SELECT
        noise_station_code,
        region_code,
        acoustic_zone,
        day,
        noise_period,
        count(*) AS hours,
        round(10 * log10(avg(pow(10, noise_leq_dba / 10))), 1) AS leq_dba
    FROM periods
    GROUP BY noise_station_code, region_code, acoustic_zone, day, noise_period
)

SELECT
    levels.noise_station_code,
    levels.region_code,
    levels.day,
    levels.noise_period,
    levels.acoustic_zone,
    levels.hours,
    levels.leq_dba AS noise_leq_dba,
    limits.noise_limit_dba,
    levels.leq_dba <= limits.noise_limit_dba AS meets_limit,
    limits.standard_edition
FROM levels
LEFT JOIN environment.quality_limits AS limits
    ON limits.quality_medium = '3'
    AND limits.quality_item = CASE WHEN levels.noise_period = '1' THEN 'noise_day' ELSE 'noise_night' END
    AND limits.quality_level = levels.acoustic_zone
    AND limits.quality_bound = '1'
    AND limits.valid_from <= levels.day
    AND (limits.valid_to IS NULL OR limits.valid_to > levels.day)
