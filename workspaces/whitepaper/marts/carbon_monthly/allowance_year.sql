-- What an enterprise was granted, bought, sold and emitted in a year for which there are returns.
WITH emitted AS (
    SELECT
        uscc,
        strftime(month_start, '%Y') AS calendar_year,
        count(*) AS months_returned,
        sum(co2_t) AS co2_t
    FROM enterprise_month
    GROUP BY uscc, strftime(month_start, '%Y')
),

bought AS (
    SELECT
        buyer_uscc AS uscc,
        strftime(traded_on, '%Y') AS calendar_year,
        sum(trade_volume_t) AS volume_t
    FROM carbon.trades
    GROUP BY buyer_uscc, strftime(traded_on, '%Y')
),

sold AS (
    SELECT
        seller_uscc AS uscc,
        strftime(traded_on, '%Y') AS calendar_year,
        sum(trade_volume_t) AS volume_t
    FROM carbon.trades
    GROUP BY seller_uscc, strftime(traded_on, '%Y')
)

SELECT
    granted.uscc,
    granted.calendar_year,
    emitted.months_returned,
    granted.allowance_t,
    coalesce(bought.volume_t, 0) AS bought_t,
    coalesce(sold.volume_t, 0) AS sold_t,
    emitted.co2_t,
    granted.allowance_t + coalesce(bought.volume_t, 0) - coalesce(sold.volume_t, 0) - emitted.co2_t AS gap_t
FROM carbon.allowances AS granted
JOIN emitted ON emitted.uscc = granted.uscc AND emitted.calendar_year = granted.calendar_year
LEFT JOIN bought ON bought.uscc = granted.uscc AND bought.calendar_year = granted.calendar_year
LEFT JOIN sold ON sold.uscc = granted.uscc AND sold.calendar_year = granted.calendar_year
