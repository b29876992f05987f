-- What an account holds after the trades of a day: grants count from the first day of their year.
WITH entries AS (
    SELECT uscc, make_date(calendar_year::INT, 1, 1) AS traded_on, allowance_t AS entry_t
    FROM carbon.allowances
    UNION ALL
    SELECT buyer_uscc, traded_on, trade_volume_t
    FROM carbon.trades
    UNION ALL
    SELECT seller_uscc, traded_on, -trade_volume_t
    FROM carbon.trades
),

days AS (
    SELECT uscc, traded_on, sum(entry_t) AS entry_t
    FROM entries
    GROUP BY uscc, traded_on
)

SELECT
    uscc,
    traded_on,
    sum(entry_t) OVER (PARTITION BY uscc ORDER BY traded_on) AS balance_t
FROM days
WHERE uscc IN (SELECT uscc FROM carbon.allowances)
