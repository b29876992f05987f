-- An hour of a thing is the mean of its quarters, of which three must be known; the sums are over things, hour by hour.
WITH feeder_hour AS (
    SELECT feeder_code, _day AS day, date_trunc('hour', interval_start) AS hour_start, avg(power_kw) AS load_kw
    FROM energy.grid_load
    GROUP BY feeder_code, _day, date_trunc('hour', interval_start)
    HAVING count(*) >= 3
),

storage_hour AS (
    SELECT storage_code, _day AS day, date_trunc('hour', interval_start) AS hour_start, avg(storage_power_kw) AS moved_kw
    FROM energy.storage
    GROUP BY storage_code, _day, date_trunc('hour', interval_start)
    HAVING count(*) >= 3
),

loads AS (
    SELECT day, hour_start, sum(load_kw) AS load_kw, count(*) AS things FROM feeder_hour GROUP BY day, hour_start
),

stores AS (
    SELECT day, hour_start, sum(moved_kw) AS storage_kw, count(*) AS things FROM storage_hour GROUP BY day, hour_start
),

plants AS (
    SELECT _day AS day, hour_start, sum(generated_power_kw) AS generated_kw, count(*) AS things
    FROM energy.generation
    GROUP BY _day, hour_start
),

ties AS (
    SELECT _day AS day, hour_start, sum(exchange_power_kw) AS exchange_kw, count(*) AS things
    FROM energy.grid_exchange
    GROUP BY _day, hour_start
),

-- What reports on a day, in any of its hours.
feeders_of_day AS (SELECT day, count(DISTINCT feeder_code) AS things FROM feeder_hour GROUP BY day),
stores_of_day AS (SELECT day, count(DISTINCT storage_code) AS things FROM storage_hour GROUP BY day),
plants_of_day AS (SELECT _day AS day, count(DISTINCT plant_code) AS things FROM energy.generation GROUP BY _day),
ties_of_day AS (SELECT _day AS day, count(DISTINCT tie_line_code) AS things FROM energy.grid_exchange GROUP BY _day)

SELECT
    loads.hour_start,
    loads.day,
    round(plants.generated_kw + ties.exchange_kw, 3) AS supply_kw,
    round(plants.generated_kw, 3) AS generated_kw,
    round(ties.exchange_kw, 3) AS exchange_kw,
    round(loads.load_kw, 3) AS load_kw,
    round(stores.storage_kw, 3) AS storage_kw,
    round(plants.generated_kw + ties.exchange_kw - loads.load_kw - stores.storage_kw, 3) AS residual_kw,
    coalesce(
        loads.things = feeders_of_day.things
        AND stores.things = stores_of_day.things
        AND plants.things = plants_of_day.things
        AND ties.things = ties_of_day.things,
        FALSE
    ) AS complete
FROM loads
JOIN feeders_of_day USING (day)
LEFT JOIN stores USING (day, hour_start)
LEFT JOIN plants USING (day, hour_start)
LEFT JOIN ties USING (day, hour_start)
LEFT JOIN stores_of_day USING (day)
LEFT JOIN plants_of_day USING (day)
LEFT JOIN ties_of_day USING (day)
