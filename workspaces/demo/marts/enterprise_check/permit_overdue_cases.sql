-- Four departments name an enterprise in four ways; the links say which records are one enterprise (entities/enterprise).
WITH linked AS (
    SELECT entity_id, dataset, record_key
    FROM entities.enterprise
),

registered AS (
    SELECT
        linked.entity_id,
        min(register.uscc) AS uscc,
        arg_max(register.organisation_name, register.valid_from) AS organisation_name,
        arg_max(register.region_code, register.valid_from) AS region_code
    FROM government.enterprise_registry AS register
    JOIN linked ON linked.dataset = 'government.enterprise_registry' AND linked.record_key = register.uscc
    GROUP BY linked.entity_id
),

permitted AS (
    SELECT linked.entity_id, min(permits.discharge_permit_no) AS discharge_permit_no
    FROM environment.discharge_permits AS permits
    JOIN linked
        ON linked.dataset = 'environment.discharge_permits' AND linked.record_key = permits.discharge_permit_no
    WHERE permits.licence_status = '1'
    GROUP BY linked.entity_id
),

overdue AS (
    SELECT
        linked.entity_id,
        max(units.overdue_months) AS overdue_months,
        sum(units.social_insurance_arrears_cny) AS social_insurance_arrears_cny
    FROM social.insured_units AS units
    JOIN linked ON linked.dataset = 'social.insured_units' AND linked.record_key = units.organisation_code
    WHERE units.valid_to IS NULL AND units.overdue_months > 0
    GROUP BY linked.entity_id
),

open_case AS (
    SELECT
        linked.entity_id,
        count(*) AS open_cases,
        min(cases.accepted_at) AS accepted_at,
        string_agg(DISTINCT cases.organisation_name, '、' ORDER BY cases.organisation_name) AS named_as
    FROM government.hotline_cases AS cases
    JOIN linked ON linked.dataset = 'government.hotline_cases' AND linked.record_key = cases.case_no
    WHERE cases.organisation_name IS NOT NULL AND cases.case_status NOT IN ('50', '60', '80')
    GROUP BY linked.entity_id
)

SELECT
    registered.uscc,
    registered.organisation_name,
    registered.region_code,
    permitted.discharge_permit_no,
    overdue.overdue_months,
    overdue.social_insurance_arrears_cny,
    open_case.open_cases,
    open_case.accepted_at,
    open_case.named_as
FROM registered
JOIN permitted ON permitted.entity_id = registered.entity_id
JOIN overdue ON overdue.entity_id = registered.entity_id
JOIN open_case ON open_case.entity_id = registered.entity_id
