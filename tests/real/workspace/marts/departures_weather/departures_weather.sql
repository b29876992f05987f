SELECT
    departures.flight_date,
    departures.carrier_code,
    carriers.carrier_name,
    departures.flight_no,
    departures.origin_code,
    departures.destination_code,
    departures.tail_no,
    aircraft.aircraft_model,
    aircraft.tail_no IS NOT NULL AS is_aircraft_known,
    departures.scheduled_departure_at,
    departures.departure_delay_min,
    departures.arrival_delay_min,
    departures.flight_distance_km,
    weather.airport_code IS NOT NULL AS is_weather_known,
    weather.air_temperature_degc,
    weather.wind_speed_ms,
    weather.precipitation_1h_mm,
    weather.visibility_km
FROM flights.departures AS departures
LEFT JOIN flights.weather AS weather
    ON weather.airport_code = departures.origin_code AND weather.hour_start = departures.scheduled_departure_hour
LEFT JOIN flights.carriers AS carriers ON carriers.carrier_code = departures.carrier_code
LEFT JOIN flights.aircraft AS aircraft ON aircraft.tail_no = departures.tail_no
