-- Who is inside is what came less what left since the opening. It is known only if every gate of the day reported the
-- hour and began its count at the opening; the capacity is that of the register valid on the day.
WITH gate_days AS (
    SELECT gate_code, venue_code, _day AS day, min(observed_at) AS first_at
    FROM tourism.gate_counters
    GROUP BY gate_code, venue_code, _day
),

venue_days AS (
    SELECT
        gate_days.venue_code,
        gate_days.day,
        count(*) AS gates,
        bool_and(date_part('hour', gate_days.first_at) = date_part('hour', venues.opens_at)) AS from_opening,
        max(venues.instant_capacity_persons) AS instant_capacity_persons,
        max(venues.region_code) AS region_code
    FROM gate_days
    JOIN tourism.venues AS venues
        ON venues.venue_code = gate_days.venue_code
        AND venues.valid_from <= gate_days.day
        AND (venues.valid_to IS NULL OR venues.valid_to > gate_days.day)
    GROUP BY gate_days.venue_code, gate_days.day
),

hours AS (
    SELECT
        venue_code,
        day,
        hour_start,
        count(*) AS gates_reporting,
        sum(entries_persons)::BIGINT AS entries_persons,
        sum(exits_persons)::BIGINT AS exits_persons
    FROM gate_hour
    GROUP BY venue_code, day, hour_start
),

counted AS (
    SELECT
        *,
        sum(entries_persons) OVER since_opening - sum(exits_persons) OVER since_opening AS inside
    FROM hours
    WINDOW since_opening AS (PARTITION BY venue_code, day ORDER BY hour_start)
),

known AS (
    SELECT
        counted.venue_code,
        counted.day,
        counted.hour_start,
        venue_days.region_code,
        counted.entries_persons,
        counted.exits_persons,
        counted.gates_reporting,
        venue_days.gates,
        venue_days.instant_capacity_persons,
        CASE WHEN counted.gates_reporting = venue_days.gates AND venue_days.from_opening THEN counted.inside END AS inside
    FROM counted
    LEFT JOIN venue_days ON venue_days.venue_code = counted.venue_code AND venue_days.day = counted.day
)

SELECT
    venue_code,
    hour_start,
    day,
    region_code,
    entries_persons,
    exits_persons,
    gates_reporting,
    gates,
    inside::BIGINT AS inside_persons,
    instant_capacity_persons,
    round(100.0 * inside / instant_capacity_persons, 1) AS load_pct,
    inside > instant_capacity_persons AS is_overloaded
FROM known
