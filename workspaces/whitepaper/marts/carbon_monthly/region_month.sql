SELECT
    region_code,
    month_start,
    count(*) AS enterprises,
    sum(electricity_kwh) AS electricity_kwh,
    sum(co2_t) AS co2_t
FROM enterprise_month
GROUP BY region_code, month_start
