-- An hour is compared with the same hour and its neighbours on all earlier days: rate = (reports there + 1) / (hours
-- there); the one report more keeps a cell without history from surprising without end. How unlikely so many reports
-- are at this rate is the upper tail of Poisson's distribution, P(X >= n) = sum of e^-rate rate^k / k! for k >= n
-- (NIST/SEMATECH e-Handbook of Statistical Methods, 1.3.6.6.19). An hour counts as a burst below one in a million.
WITH reports AS (
    SELECT 'hotline' AS source, case_category, region_code, accepted_at
    FROM government.hotline_cases
    UNION ALL
    SELECT 'snapshot' AS source, case_category, region_code, accepted_at
    FROM government.snapshots
),

cells AS (
    SELECT
        source,
        case_category,
        region_code,
        date_trunc('hour', accepted_at) AS hour_start,
        accepted_at::DATE AS day,
        hour(accepted_at) AS hour_of_day,
        count(*) AS reports
    FROM reports
    GROUP BY source, case_category, region_code, hour_start, day, hour_of_day
),

began AS (
    SELECT source, min(day) AS first_day
    FROM cells
    GROUP BY source
),

shifts AS (
    SELECT unnest([-1, 0, 1]) AS shift
),

-- Each cell counts for its own hour of the day and the two beside it.
near AS (
    SELECT
        cells.source,
        cells.case_category,
        cells.region_code,
        cells.day,
        cells.hour_of_day + shifts.shift AS hour_of_day,
        sum(cells.reports) AS reports
    FROM cells
    CROSS JOIN shifts
    GROUP BY cells.source, cells.case_category, cells.region_code, cells.day, cells.hour_of_day + shifts.shift
),

history AS (
    SELECT
        source,
        case_category,
        region_code,
        day,
        hour_of_day,
        coalesce(sum(reports) OVER (
            PARTITION BY source, case_category, region_code, hour_of_day ORDER BY day
            ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
        ), 0) AS earlier
    FROM near
),

rated AS (
    SELECT
        cells.source,
        cells.case_category,
        cells.region_code,
        cells.hour_start,
        cells.day,
        cells.reports,
        (cells.day - began.first_day)::INTEGER AS earlier_days,
        (history.earlier + 1.0)
            / nullif((cells.day - began.first_day) * CASE WHEN cells.hour_of_day IN (0, 23) THEN 2 ELSE 3 END, 0) AS rate
    FROM cells
    JOIN began ON began.source = cells.source
    JOIN history
        ON history.source = cells.source
        AND history.case_category = cells.case_category
        AND history.region_code = cells.region_code
        AND history.day = cells.day
        AND history.hour_of_day = cells.hour_of_day
),

judged AS (
    SELECT
        *,
        list_sum(list_transform(range(reports, reports + 60), k -> exp(k * ln(rate) - rate - lgamma(k + 1)))) AS chance
    FROM rated
)

SELECT
    source,
    case_category,
    region_code,
    hour_start,
    day,
    reports,
    earlier_days,
    round(rate, 4) AS usual_reports,
    CASE WHEN earlier_days >= 3 THEN least(chance, 1) END AS chance,
    coalesce(earlier_days >= 3 AND chance < 0.000001, false) AS is_burst
FROM judged
