-- The same computation as in nowcast, with what was known two, three and four weeks ago; today these weeks are complete.
WITH newest AS (
    SELECT max(_day) AS last_day
    FROM health.notifiable_cases
),

past AS (
    SELECT newest.last_day - 7 * weeks.back AS as_of
    FROM (SELECT unnest([2, 3, 4]) AS back) AS weeks
    CROSS JOIN newest
),

reports AS (
    SELECT onset_on, _day AS reported_on, _day - onset_on AS delay
    FROM health.notifiable_cases
),

steps AS (
    SELECT
        past.as_of,
        delays.delay,
        count(*) FILTER (WHERE reports.delay = delays.delay)::DOUBLE / nullif(count(*), 0) AS hazard
    FROM past
    CROSS JOIN (SELECT unnest(range(15)) AS delay) AS delays
    JOIN reports
        ON reports.reported_on <= past.as_of
        AND reports.delay <= delays.delay
        AND reports.onset_on <= past.as_of - delays.delay::INTEGER
    GROUP BY past.as_of, delays.delay
),

shares AS (
    SELECT
        as_of,
        delay,
        coalesce(
            product(1 - hazard) OVER (
                PARTITION BY as_of ORDER BY delay DESC ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
            ),
            1.0
        ) AS reported_share
    FROM steps
),

by_day AS (
    SELECT
        past.as_of,
        reports.onset_on,
        count(*) AS complete_cases,
        count(*) FILTER (WHERE reports.reported_on <= past.as_of) AS known_cases
    FROM past
    JOIN reports ON reports.onset_on BETWEEN past.as_of - 6 AND past.as_of
    GROUP BY past.as_of, reports.onset_on
)

SELECT
    by_day.as_of,
    round(100.0 * sum(by_day.known_cases) / sum(by_day.complete_cases), 1) AS known_pct,
    round(100.0 * sum(by_day.known_cases / shares.reported_share) / sum(by_day.complete_cases) - 100, 1) AS error_pct
FROM by_day
JOIN shares ON shares.as_of = by_day.as_of AND shares.delay = by_day.as_of - by_day.onset_on
GROUP BY by_day.as_of
