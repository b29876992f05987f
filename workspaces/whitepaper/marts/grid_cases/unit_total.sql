WITH as_of AS (
    SELECT max(reported_at) AS moment
    FROM grid.events
),

judged AS (
    SELECT
        events.grid_code,
        substr(events.grid_code, 1, 12) AS community_code,
        substr(events.grid_code, 1, 9) AS street_code,
        substr(events.grid_code, 1, 6) AS district_code,
        events.event_closed_at IS NOT NULL AS is_closed,
        events.event_closed_at IS NOT NULL
        OR events.reported_at + events.time_limit_h * INTERVAL 1 HOUR < as_of.moment AS is_judged,
        coalesce(
            events.event_closed_at <= events.reported_at + events.time_limit_h * INTERVAL 1 HOUR, FALSE
        ) AS is_in_time,
        date_diff('minute', events.reported_at, events.event_closed_at) / 60 AS handling_h
    FROM grid.events AS events
    CROSS JOIN as_of
),

units AS (
    SELECT
        CASE
            WHEN grouping(street_code) = 1 THEN '3'
            WHEN grouping(community_code) = 1 THEN '4'
            WHEN grouping(grid_code) = 1 THEN '5'
            ELSE '6'
        END AS subdivision_level,
        coalesce(grid_code, community_code, street_code, district_code) AS subdivision_code,
        count(*) AS events,
        count(*) FILTER (WHERE is_closed) AS events_closed,
        count(*) FILTER (WHERE is_judged) AS events_judged,
        count(*) FILTER (WHERE is_in_time) AS events_closed_in_time,
        avg(handling_h) AS handling_h
    FROM judged
    GROUP BY GROUPING SETS (
        (district_code),
        (district_code, street_code),
        (district_code, street_code, community_code),
        (district_code, street_code, community_code, grid_code)
    )
),

called AS (
    SELECT region_code, count(*) AS hotline_cases
    FROM government.hotline_cases
    WHERE _day BETWEEN (SELECT min(_day) FROM grid.events) AND (SELECT max(_day) FROM grid.events)
    GROUP BY region_code
)

SELECT
    units.subdivision_level,
    units.subdivision_code,
    units.events,
    units.events_closed,
    units.events_judged,
    units.events_closed_in_time,
    round(100 * units.events_closed_in_time / nullif(units.events_judged, 0), 2) AS closed_in_time_pct,
    round(units.handling_h, 1) AS handling_h,
    CASE WHEN units.subdivision_level = '3' THEN coalesce(called.hotline_cases, 0) END AS hotline_cases
FROM units
LEFT JOIN called ON called.region_code = units.subdivision_code
