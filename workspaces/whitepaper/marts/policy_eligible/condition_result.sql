-- A policy is judged if it is in force on the newest day of the data and all of its conditions arrived: one with a
-- refused condition would be met by too many.
WITH as_of AS (
    SELECT max(_day) AS day
    FROM government.hotline_cases
),

whole AS (
    SELECT policies.policy_code
    FROM government.policies AS policies
    CROSS JOIN as_of
    WHERE
        policies.in_force_from <= as_of.day
        AND (policies.in_force_until IS NULL OR policies.in_force_until >= as_of.day)
    GROUP BY policies.policy_code
    HAVING count(*) = max(policies.policy_conditions)
),

enterprises AS (
    SELECT DISTINCT uscc
    FROM enterprise_fact
),

compared AS (
    SELECT
        enterprises.uscc,
        policies.policy_code,
        policies.condition_no,
        policies.policy_fact,
        policies.policy_comparison,
        facts.fact_number,
        facts.fact_code,
        CASE policies.policy_comparison
            WHEN '1' THEN list_contains(string_split(policies.policy_accepted_values, '、'), facts.fact_code)
            WHEN '2' THEN facts.fact_number >= policies.policy_threshold
            WHEN '3' THEN facts.fact_number <= policies.policy_threshold
        END AS met
    FROM enterprises
    CROSS JOIN government.policies AS policies
    JOIN whole ON whole.policy_code = policies.policy_code
    LEFT JOIN enterprise_fact AS facts
        ON facts.uscc = enterprises.uscc AND facts.policy_fact = policies.policy_fact
)

SELECT
    uscc,
    policy_code,
    condition_no,
    policy_fact,
    policy_comparison,
    fact_number,
    fact_code,
    coalesce(met, false) AS met,
    CASE WHEN met THEN '1' WHEN NOT met THEN '2' ELSE '3' END AS policy_reason
FROM compared
