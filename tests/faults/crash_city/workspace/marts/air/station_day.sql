SELECT source, station_code, _day AS day, round(avg(pm25_ugm3), 3) AS pm25_ugm3, count(*) AS readings
FROM (
    SELECT 'hourly' AS source, station_code, pm25_ugm3, _day FROM air.hourly
    UNION ALL SELECT 'log', station_code, pm25_ugm3, _day FROM air.log
    UNION ALL SELECT 'daily', station_code, pm25_ugm3, _day FROM air.daily
)
GROUP BY ALL
