WITH visit_day AS (
    SELECT
        region_code,
        day,
        sum(syndrome_visits)::BIGINT AS ili_visits,
        sum(outpatient_visits)::BIGINT AS visits
    FROM health.visits
    WHERE syndrome = '1'
    GROUP BY region_code, day
),

drug_day AS (
    SELECT
        region_code,
        day,
        sum(drug_packs) FILTER (WHERE drug_class = '1')::BIGINT AS fever_drug_packs,
        sum(drug_packs) FILTER (WHERE drug_class = '2')::BIGINT AS cough_drug_packs
    FROM health.drug_sales
    GROUP BY region_code, day
)

SELECT
    visit_day.region_code,
    visit_day.day,
    visit_day.ili_visits,
    round(100.0 * visit_day.ili_visits / nullif(visit_day.visits, 0), 2) AS ili_share_pct,
    drug_day.fever_drug_packs,
    drug_day.cough_drug_packs,
    claims.settled_visits
FROM visit_day
LEFT JOIN drug_day ON drug_day.region_code = visit_day.region_code AND drug_day.day = visit_day.day
LEFT JOIN health.insurance_claims AS claims
    ON claims.region_code = visit_day.region_code AND claims.day = visit_day.day
