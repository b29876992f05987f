-- A transfer: the same card leaves the metro and boards a bus within half an hour. Groups of
-- fewer than ten cards are left out.
SELECT
    buses.region_code,
    buses._day AS day,
    count(*) AS transfers
FROM transit.card_taps AS exits
JOIN transit.card_taps AS buses
    ON buses.card_no = exits.card_no
    AND buses.observed_at > exits.observed_at
    AND buses.observed_at <= exits.observed_at + INTERVAL 30 MINUTE
WHERE exits.tap_kind = '3' AND buses.tap_kind = '1'
GROUP BY ALL
HAVING count(DISTINCT buses.card_no) >= 10
