WITH graded AS (
    SELECT *, aqi_hourly(hour_start, so2_ugm3, no2_ugm3, co_mgm3, o3_ugm3, pm10_ugm3, pm25_ugm3) AS grade
    FROM air.cnemc_hourly
)

SELECT
    graded.station_code,
    graded.hour_start,
    graded._day AS day,
    graded.grade.aqi AS aqi,
    graded.grade.edition AS aqi_edition,
    graded.grade.class AS aqi_class,
    graded.grade.primary_pollutants AS primary_pollutants,
    published.published_aqi,
    graded.pm25_ugm3,
    graded.pm10_ugm3,
    graded.so2_ugm3,
    graded.no2_ugm3,
    graded.o3_ugm3,
    graded.co_mgm3
FROM graded
LEFT JOIN air.cnemc_published AS published
    ON published.station_code = graded.station_code AND published.hour_start = graded.hour_start
