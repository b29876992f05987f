SELECT station_code, _day AS day, sum(rentals)::BIGINT AS rentals
FROM cycling.station_hours
GROUP BY station_code, _day
