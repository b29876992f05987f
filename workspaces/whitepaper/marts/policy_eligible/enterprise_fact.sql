-- Each fact that a condition may look at, by enterprise in operation: a number or a code. What no department says of an
-- enterprise has no row. The links say which records are one enterprise (entities/enterprise).
WITH registered AS (
    SELECT links.entity_id, register.uscc, register.region_code, register.industry_section
    FROM government.enterprise_registry AS register
    JOIN entities.enterprise AS links
        ON links.dataset = 'government.enterprise_registry' AND links.record_key = register.uscc
    WHERE register.valid_to IS NULL AND register.registration_status = '1'
),

as_of AS (
    SELECT max(_day) AS day
    FROM government.hotline_cases
),

insured AS (
    SELECT links.entity_id, max(units.insured_persons) AS persons, max(units.overdue_months) AS months
    FROM social.insured_units AS units
    JOIN entities.enterprise AS links
        ON links.dataset = 'social.insured_units' AND links.record_key = units.organisation_code
    WHERE units.valid_to IS NULL
    GROUP BY links.entity_id
),

taxed AS (
    SELECT
        links.entity_id,
        max(payers.tax_arrears_cny) AS arrears_cny,
        max(payers.tax_credit_grade) AS credit_grade
    FROM tax.taxpayers AS payers
    JOIN entities.enterprise AS links
        ON links.dataset = 'tax.taxpayers' AND links.record_key = payers.uscc
    WHERE payers.valid_to IS NULL
    GROUP BY links.entity_id
),

complained AS (
    SELECT links.entity_id, count(*) AS cases
    FROM government.hotline_cases AS cases
    JOIN entities.enterprise AS links
        ON links.dataset = 'government.hotline_cases' AND links.record_key = cases.case_no
    CROSS JOIN as_of
    WHERE cases.case_status NOT IN ('50', '60', '80') AND working_days(cases._day, as_of.day) > 5
    GROUP BY links.entity_id
),

permitted AS (
    SELECT links.entity_id, count(*) AS permits
    FROM environment.discharge_permits AS permits
    JOIN entities.enterprise AS links
        ON links.dataset = 'environment.discharge_permits' AND links.record_key = permits.discharge_permit_no
    CROSS JOIN as_of
    WHERE permits.licence_status = '1' AND permits.licence_expires_on >= as_of.day
    GROUP BY links.entity_id
),

facts AS (
    SELECT uscc, '01' AS policy_fact, NULL::DOUBLE AS fact_number, industry_section AS fact_code
    FROM registered
    UNION ALL
    SELECT uscc, '02' AS policy_fact, NULL AS fact_number, region_code AS fact_code
    FROM registered
    UNION ALL
    SELECT registered.uscc, '03' AS policy_fact, insured.persons::DOUBLE AS fact_number, NULL AS fact_code
    FROM registered
    JOIN insured ON insured.entity_id = registered.entity_id
    UNION ALL
    SELECT registered.uscc, '04' AS policy_fact, taxed.arrears_cny::DOUBLE AS fact_number, NULL AS fact_code
    FROM registered
    JOIN taxed ON taxed.entity_id = registered.entity_id
    UNION ALL
    SELECT registered.uscc, '05' AS policy_fact, insured.months::DOUBLE AS fact_number, NULL AS fact_code
    FROM registered
    JOIN insured ON insured.entity_id = registered.entity_id
    UNION ALL
    SELECT registered.uscc, '06' AS policy_fact, NULL AS fact_number, taxed.credit_grade AS fact_code
    FROM registered
    JOIN taxed ON taxed.entity_id = registered.entity_id
    UNION ALL
    SELECT registered.uscc, '07' AS policy_fact, coalesce(complained.cases, 0)::DOUBLE AS fact_number, NULL AS fact_code
    FROM registered
    LEFT JOIN complained ON complained.entity_id = registered.entity_id
    UNION ALL
    SELECT registered.uscc, '08' AS policy_fact, coalesce(permitted.permits, 0)::DOUBLE AS fact_number, NULL AS fact_code
    FROM registered
    LEFT JOIN permitted ON permitted.entity_id = registered.entity_id
)

SELECT uscc, policy_fact, fact_number, fact_code
FROM facts
-- citylake: allow UNIT because policy_fact says which unit the number of its row has
WHERE fact_number IS NOT NULL OR fact_code IS NOT NULL
