-- A day's visitors are its entries. Working days are those of the calendar: a Saturday may be one.
WITH days AS (
    SELECT
        venue_code,
        day,
        max(region_code) AS region_code,
        sum(entries_persons)::BIGINT AS entries_persons,
        max(inside_persons) AS most_inside,
        max(load_pct) AS most_load_pct,
        count(*) FILTER (WHERE is_overloaded) AS overload_hours,
        count(*) FILTER (WHERE inside_persons IS NULL) AS unknown_hours
    FROM venue_hour
    GROUP BY venue_code, day
),

bookings AS (
    SELECT
        venue_code,
        day,
        sum(booked_persons - cancelled_persons)::BIGINT AS expected_persons,
        sum(checked_in_persons)::BIGINT AS checked_in_persons
    FROM tourism.reservations
    GROUP BY venue_code, day
)

SELECT
    days.venue_code,
    days.day,
    days.region_code,
    working_days(days.day - 1, days.day) = 1 AS is_workday,
    days.entries_persons,
    venues.day_capacity_persons,
    days.entries_persons > venues.day_capacity_persons AS is_above_day_capacity,
    days.most_inside AS inside_persons,
    days.most_load_pct AS load_pct,
    days.overload_hours,
    days.unknown_hours,
    bookings.expected_persons,
    bookings.checked_in_persons
FROM days
LEFT JOIN tourism.venues AS venues
    ON venues.venue_code = days.venue_code
    AND venues.valid_from <= days.day
    AND (venues.valid_to IS NULL OR venues.valid_to > days.day)
LEFT JOIN bookings ON bookings.venue_code = days.venue_code AND bookings.day = days.day
