SELECT stations.station_code, station_kind, valid_from, count(station_day.day) AS days
FROM air.stations AS stations LEFT JOIN station_day USING (station_code)
GROUP BY ALL
