SELECT
    pair,
    count(*) AS objects,
    count(*) FILTER (WHERE first_knows AND second_knows) AS both_know,
    count(*) FILTER (WHERE written_alike) AS written_alike,
    count(*) FILTER (WHERE agrees) AS agree,
    count(*) FILTER (WHERE NOT agrees) AS disagree,
    count(*) FILTER (WHERE NOT second_knows) AS second_lacks,
    count(*) FILTER (WHERE NOT first_knows) AS first_lacks
FROM shared_object
GROUP BY pair
