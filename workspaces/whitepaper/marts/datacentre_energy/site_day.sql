-- The PUE of a day is a ratio of sums: the mean of its hours' ratios would count a quiet hour as much as a busy one.
SELECT
    datacentre_code,
    day,
    sum(it_kwh) AS it_kwh,
    sum(facility_kwh) AS facility_kwh,
    round(sum(facility_kwh) / sum(it_kwh), 3) AS pue,
    count(*) AS hours
FROM site_hour
GROUP BY datacentre_code, day
