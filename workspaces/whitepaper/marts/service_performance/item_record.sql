WITH named AS (
    SELECT item_code, item_name, promised_workdays, legal_workdays
    FROM government.service_items
    WHERE valid_to IS NULL
),

handled AS (
    SELECT
        item_code,
        count(*) AS applications,
        count(*) FILTER (WHERE overdue) AS overdue,
        count(*) FILTER (WHERE unlawful) AS unlawful,
        median(days_taken) AS median_days
    FROM application_due
    GROUP BY item_code
)

SELECT
    handled.item_code,
    named.item_name,
    named.promised_workdays,
    named.legal_workdays,
    handled.applications,
    handled.overdue,
    handled.unlawful,
    handled.median_days
FROM handled
LEFT JOIN named ON named.item_code = handled.item_code
