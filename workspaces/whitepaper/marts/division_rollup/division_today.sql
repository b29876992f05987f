WITH recoded AS (
    SELECT subdivision_code AS community_code, min(successor_code) AS successor_code
    FROM division_change
    WHERE subdivision_level = '5'
    GROUP BY subdivision_code
    HAVING count(*) = 1
),

reported AS (
    SELECT
        coalesce(recoded.successor_code, reports.community_code) AS community_code,
        reports.hazards_found,
        reports.hazards_fixed
    FROM grid.community_reports AS reports
    LEFT JOIN recoded ON recoded.community_code = reports.community_code
),

placed AS (
    SELECT
        streets.parent_code AS district_code,
        communities.parent_code AS street_code,
        reported.community_code,
        reported.hazards_found,
        reported.hazards_fixed
    FROM reported
    JOIN place.subdivisions AS communities
        ON communities.subdivision_code = reported.community_code AND communities.valid_to IS NULL
    JOIN place.subdivisions AS streets
        ON streets.subdivision_code = communities.parent_code AND streets.valid_to IS NULL
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
        sum(hazards_found)::BIGINT AS hazards_found,
        sum(hazards_fixed)::BIGINT AS hazards_fixed
    FROM placed
    GROUP BY GROUPING SETS (
        (),
        (district_code),
        (district_code, street_code),
        (district_code, street_code, community_code)
    )
)

SELECT
    rolled_up.subdivision_level,
    rolled_up.subdivision_code,
    register.subdivision_name,
    rolled_up.hazards_found,
    rolled_up.hazards_fixed
FROM rolled_up
LEFT JOIN place.subdivisions AS register
    ON register.subdivision_code = rolled_up.subdivision_code AND register.valid_to IS NULL
