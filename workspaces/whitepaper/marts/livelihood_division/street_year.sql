WITH newest_jobs AS (
    SELECT max(month_start) AS month_start
    FROM livelihood.employment
),

jobs AS (
    SELECT
        street_code,
        max(street_name) AS street_name,
        max(region_code) AS region_code,
        sum(new_jobs_person)::BIGINT AS new_jobs
    FROM livelihood.employment
    GROUP BY street_code
),

unemployed AS (
    SELECT employment.street_code, employment.registered_unemployed_person
    FROM livelihood.employment AS employment
    WHERE employment.month_start = (SELECT newest_jobs.month_start FROM newest_jobs)
),

care AS (
    SELECT
        street_code,
        count(*) AS care_homes,
        -- citylake: allow UNIT because each resident has one bed
        (sum(care_bed) - sum(care_residents_person))::BIGINT AS free_beds
    FROM livelihood.elderly_care
    WHERE month_start = (SELECT max(month_start) FROM livelihood.elderly_care)
    GROUP BY street_code
),

connected AS (
    SELECT
        street_code,
        count(*) AS villages,
        round(100.0 * sum(broadband_household) / sum(village_household), 1) AS broadband_pct
    FROM livelihood.villages
    WHERE day = (SELECT max(day) FROM livelihood.villages)
    GROUP BY street_code
),

sold AS (
    SELECT street_code, sum(village_online_sales_cny) AS online_sales_cny
    FROM livelihood.villages
    GROUP BY street_code
)

SELECT
    jobs.street_code,
    jobs.street_name,
    jobs.region_code,
    unemployed.registered_unemployed_person AS unemployed,
    jobs.new_jobs,
    coalesce(care.care_homes, 0) AS care_homes,
    coalesce(care.free_beds, 0) AS free_beds,
    connected.villages,
    connected.broadband_pct,
    sold.online_sales_cny
FROM jobs
LEFT JOIN unemployed ON unemployed.street_code = jobs.street_code
LEFT JOIN care ON care.street_code = jobs.street_code
LEFT JOIN connected ON connected.street_code = jobs.street_code
LEFT JOIN sold ON sold.street_code = jobs.street_code
