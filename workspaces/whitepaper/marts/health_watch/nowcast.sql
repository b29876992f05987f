WITH newest AS (
    SELECT max(_day) AS last_day
    FROM health.notifiable_cases
),

reports AS (
    SELECT onset_on, _day - onset_on AS delay
    FROM health.notifiable_cases
),

-- From delay to delay: which share of the cases that are reported within it is reported just then.
steps AS (
    SELECT
        delays.delay,
        count(*) FILTER (WHERE reports.delay = delays.delay)::DOUBLE / nullif(count(*), 0) AS hazard
    FROM (SELECT unnest(range(15)) AS delay) AS delays
    CROSS JOIN newest
    JOIN reports ON reports.delay <= delays.delay AND reports.onset_on <= newest.last_day - delays.delay::INTEGER
    GROUP BY delays.delay
),

-- By so many days after the onset, this share is reported: what is not reported later.
shares AS (
    SELECT
        delay,
        coalesce(
            product(1 - hazard) OVER (ORDER BY delay DESC ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), 1.0
        ) AS reported_share
    FROM steps
),

by_day AS (
    SELECT onset_on AS onset_day, count(*) AS reported_cases
    FROM reports
    GROUP BY onset_on
)

SELECT
    by_day.onset_day,
    by_day.reported_cases,
    round(shares.reported_share, 4) AS reported_share,
    round(by_day.reported_cases / shares.reported_share, 2) AS expected_cases
FROM by_day
CROSS JOIN newest
JOIN shares ON shares.delay = least(newest.last_day - by_day.onset_day, 14)
