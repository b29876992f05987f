-- How many times the visitors of a working day come on a rest day, by venue.
WITH kinds AS (
    SELECT
        venue_code,
        count(*) FILTER (WHERE is_workday) AS workdays,
        count(*) FILTER (WHERE NOT is_workday) AS rest_days,
        sum(entries_persons) FILTER (WHERE is_workday) / nullif(count(*) FILTER (WHERE is_workday), 0) AS workday_entries,
        sum(entries_persons) FILTER (WHERE NOT is_workday) / nullif(count(*) FILTER (WHERE NOT is_workday), 0) AS rest_day_entries
    FROM venue_day
    GROUP BY venue_code
)

SELECT
    venue_code,
    workdays,
    rest_days,
    round(workday_entries, 1) AS workday_entries,
    round(rest_day_entries, 1) AS rest_day_entries,
    round(rest_day_entries / nullif(workday_entries, 0), 2) AS rest_day_factor
FROM kinds
