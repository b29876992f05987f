-- Rides by mode: boardings of buses by card, entries of metro gates, rides of taxis by the zone of the pick-up.
WITH bus AS (
    SELECT region_code, date_trunc('hour', observed_at) AS hour_start, _day AS day, count(*) AS rides
    FROM transit.card_taps
    WHERE transit_mode = '1'
    GROUP BY ALL
),

metro AS (
    SELECT
        region_code,
        date_trunc('hour', interval_start) AS hour_start,
        _day AS day,
        sum(gate_entries_persons)::BIGINT AS rides
    FROM transit.metro_gates
    GROUP BY ALL
),

modes AS (
    SELECT region_code, hour_start, day, '1' AS transit_mode, rides FROM bus
    UNION ALL
    SELECT region_code, hour_start, day, '2' AS transit_mode, rides FROM metro
    UNION ALL
    SELECT region_code, hour_start, day, '3' AS transit_mode, trips AS rides FROM taxi_hour
)

SELECT transit_mode, region_code, hour_start, day, rides
FROM modes
