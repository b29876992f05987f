-- Each row counts for the divisions that the register holds on its day.
WITH communities AS (
    SELECT subdivision_code AS community_code, parent_code AS street_code, valid_from, valid_to
    FROM place.subdivisions
    WHERE subdivision_level = '5'
),

streets AS (
    SELECT subdivision_code AS street_code, parent_code AS district_code, valid_from, valid_to
    FROM place.subdivisions
    WHERE subdivision_level = '4'
),

reported AS (
    SELECT community_code, day, count(*) AS reports, sum(households_visited) AS households_visited,
        sum(hazards_found) AS hazards_found, sum(hazards_fixed) AS hazards_fixed
    FROM grid.community_reports
    GROUP BY community_code, day
),

happened AS (
    SELECT substr(grid_code, 1, 12) AS community_code, _day AS day, count(*) AS events,
        count(event_closed_at) AS events_closed
    FROM grid.events
    GROUP BY substr(grid_code, 1, 12), _day
),

community_days AS (
    SELECT community_code, day FROM reported
    UNION
    SELECT community_code, day FROM happened
),

placed AS (
    SELECT
        community_days.day,
        streets.district_code,
        streets.street_code,
        community_days.community_code,
        coalesce(reported.reports, 0) AS reports,
        coalesce(reported.households_visited, 0) AS households_visited,
        coalesce(reported.hazards_found, 0) AS hazards_found,
        coalesce(reported.hazards_fixed, 0) AS hazards_fixed,
        coalesce(happened.events, 0) AS events,
        coalesce(happened.events_closed, 0) AS events_closed
    FROM community_days
    JOIN communities
        ON communities.community_code = community_days.community_code
        AND communities.valid_from <= community_days.day
        AND (communities.valid_to IS NULL OR communities.valid_to > community_days.day)
    JOIN streets
        ON streets.street_code = communities.street_code
        AND streets.valid_from <= community_days.day
        AND (streets.valid_to IS NULL OR streets.valid_to > community_days.day)
    LEFT JOIN reported
        ON reported.community_code = community_days.community_code AND reported.day = community_days.day
    LEFT JOIN happened
        ON happened.community_code = community_days.community_code AND happened.day = community_days.day
),

rolled_up AS (
    SELECT
        CASE
            WHEN grouping(district_code) = 1 THEN '2'
            WHEN grouping(street_code) = 1 THEN '3'
            WHEN grouping(community_code) = 1 THEN '4'
            ELSE '5'
        END AS subdivision_level,
        coalesce(community_code, street_code, district_code, '990100') AS subdivision_code,
        day,
        sum(reports)::BIGINT AS reports,
        sum(households_visited)::BIGINT AS households_visited,
        sum(hazards_found)::BIGINT AS hazards_found,
        sum(hazards_fixed)::BIGINT AS hazards_fixed,
        sum(events)::BIGINT AS events,
        sum(events_closed)::BIGINT AS events_closed
    FROM placed
    GROUP BY GROUPING SETS (
        (day),
        (day, district_code),
        (day, district_code, street_code),
        (day, district_code, street_code, community_code)
    )
),

called AS (
    SELECT coalesce(region_code, '990100') AS subdivision_code, _day AS day, count(*) AS hotline_cases
    FROM government.hotline_cases
    GROUP BY GROUPING SETS ((_day), (_day, region_code))
)

SELECT
    rolled_up.subdivision_level,
    rolled_up.subdivision_code,
    register.subdivision_name,
    rolled_up.day,
    rolled_up.reports,
    rolled_up.households_visited,
    rolled_up.hazards_found,
    rolled_up.hazards_fixed,
    rolled_up.events,
    rolled_up.events_closed,
    CASE WHEN rolled_up.subdivision_level IN ('2', '3') THEN coalesce(called.hotline_cases, 0) END AS hotline_cases
FROM rolled_up
LEFT JOIN place.subdivisions AS register
    ON register.subdivision_code = rolled_up.subdivision_code
    AND register.valid_from <= rolled_up.day
    AND (register.valid_to IS NULL OR register.valid_to > rolled_up.day)
LEFT JOIN called
    ON called.subdivision_code = rolled_up.subdivision_code AND called.day = rolled_up.day
