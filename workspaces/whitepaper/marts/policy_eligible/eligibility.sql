WITH judged AS (
    SELECT
        uscc,
        policy_code,
        count(*) AS conditions,
        count(*) FILTER (WHERE met) AS conditions_met,
        string_agg(policy_fact || ':' || policy_reason, ',' ORDER BY condition_no) FILTER (WHERE NOT met) AS why_not
    FROM condition_result
    GROUP BY uscc, policy_code
),

paid AS (
    SELECT uscc, policy_code, count(*) AS payments, sum(paid_cny) AS paid_cny
    FROM government.policy_payments
    WHERE payment_state = '1'
    GROUP BY uscc, policy_code
),

named AS (
    SELECT policy_code, max(policy_name) AS policy_name, max(policy_benefit_cny) AS policy_benefit_cny
    FROM government.policies
    GROUP BY policy_code
),

registered AS (
    SELECT uscc, organisation_name, region_code
    FROM government.enterprise_registry
    WHERE valid_to IS NULL
)

SELECT
    judged.uscc,
    judged.policy_code,
    registered.organisation_name,
    registered.region_code,
    named.policy_name,
    named.policy_benefit_cny,
    judged.conditions,
    judged.conditions_met,
    judged.conditions_met = judged.conditions AS eligible,
    judged.why_not,
    coalesce(paid.payments, 0) > 0 AS paid,
    paid.paid_cny
FROM judged
JOIN named ON named.policy_code = judged.policy_code
JOIN registered ON registered.uscc = judged.uscc
LEFT JOIN paid ON paid.uscc = judged.uscc AND paid.policy_code = judged.policy_code
