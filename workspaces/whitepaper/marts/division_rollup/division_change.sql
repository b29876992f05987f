WITH gone AS (
    SELECT subdivision_code, subdivision_name, subdivision_level, unnest(string_split(successor_codes, ';')) AS successor_code
    FROM place.subdivisions
    WHERE valid_to IS NOT NULL AND successor_codes IS NOT NULL
),

streets_before AS (
    SELECT substr(successor_code, 1, 9) AS street_code, count(DISTINCT substr(subdivision_code, 1, 9)) AS streets
    FROM gone
    GROUP BY substr(successor_code, 1, 9)
),

known AS (
    SELECT
        subdivision_code,
        arg_max(subdivision_name, valid_from) AS subdivision_name,
        max(valid_from) AS valid_from,
        bool_or(valid_to IS NULL) AS is_there
    FROM place.subdivisions
    GROUP BY subdivision_code
)

SELECT
    gone.subdivision_code,
    gone.subdivision_name,
    gone.subdivision_level,
    successors.valid_from AS changed_on,
    CASE
        WHEN substr(gone.subdivision_code, 1, 6) <> substr(gone.successor_code, 1, 6) THEN '1'
        WHEN streets_before.streets > 1 THEN '2'
        WHEN EXISTS (
            SELECT 1
            FROM known AS left_over
            WHERE left_over.subdivision_code = substr(gone.subdivision_code, 1, 9) AND left_over.is_there
        ) THEN '3'
        ELSE '4'
    END AS change_kind,
    gone.successor_code,
    successors.subdivision_name AS successor_name
FROM gone
JOIN known AS successors ON successors.subdivision_code = gone.successor_code
JOIN streets_before ON streets_before.street_code = substr(gone.successor_code, 1, 9)
