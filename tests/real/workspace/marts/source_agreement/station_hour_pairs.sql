WITH both_sources AS (
    SELECT
        cnemc.station_code,
        cnemc.hour_start,
        unnest([
            {'pollutant': 'PM2.5', 'cnemc': cnemc.pm25_ugm3, 'prsa': prsa.pm25_ugm3},
            {'pollutant': 'PM10', 'cnemc': cnemc.pm10_ugm3, 'prsa': prsa.pm10_ugm3},
            {'pollutant': 'SO2', 'cnemc': cnemc.so2_ugm3, 'prsa': prsa.so2_ugm3},
            {'pollutant': 'NO2', 'cnemc': cnemc.no2_ugm3, 'prsa': prsa.no2_ugm3},
            {'pollutant': 'O3', 'cnemc': cnemc.o3_ugm3, 'prsa': prsa.o3_ugm3},
            {'pollutant': 'CO', 'cnemc': cnemc.co_mgm3, 'prsa': prsa.co_mgm3}
        ]) AS pair
    FROM air.cnemc_hourly AS cnemc
    JOIN air.prsa_hourly AS prsa ON prsa.station_code = cnemc.station_code AND prsa.hour_start = cnemc.hour_start
)

SELECT
    station_code,
    hour_start,
    pair.pollutant AS pollutant,
    pair.cnemc AS value_cnemc,
    pair.prsa AS value_prsa
FROM both_sources
WHERE pair.cnemc IS NOT NULL AND pair.prsa IS NOT NULL
