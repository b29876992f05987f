-- A street's code begins with that of its district: care homes, which name their street alone, belong to a district by it.
WITH jobs AS (
    SELECT
        region_code,
        month_start,
        count(*) AS streets,
        sum(registered_unemployed_person)::BIGINT AS unemployed,
        sum(new_jobs_person)::BIGINT AS new_jobs
    FROM livelihood.employment
    GROUP BY region_code, month_start
),

members AS (
    SELECT
        region_code,
        month_start,
        sum(scheme_members_person) FILTER (WHERE insurance_scheme = '1')::BIGINT AS pension_members,
        sum(scheme_members_person) FILTER (WHERE insurance_scheme = '2')::BIGINT AS medical_members
    FROM livelihood.social_insurance
    GROUP BY region_code, month_start
),

care AS (
    SELECT
        left(street_code, 6) AS region_code,
        month_start,
        sum(care_bed)::BIGINT AS beds,
        sum(care_residents_person)::BIGINT AS residents
    FROM livelihood.elderly_care
    GROUP BY left(street_code, 6), month_start
)

SELECT
    jobs.region_code,
    jobs.month_start,
    jobs.streets,
    jobs.unemployed,
    jobs.new_jobs,
    members.pension_members,
    members.medical_members,
    care.beds,
    care.residents,
    -- citylake: allow UNIT because each resident has one bed
    round(100.0 * care.residents / nullif(care.beds, 0), 1) AS occupied_pct
FROM jobs
LEFT JOIN members ON members.region_code = jobs.region_code AND members.month_start = jobs.month_start
LEFT JOIN care ON care.region_code = jobs.region_code AND care.month_start = jobs.month_start
