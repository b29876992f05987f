-- What was promised is what the register in force on the day of acceptance says; the day itself does not count. An
-- application without a register entry for its item has no due day, and is not judged.
WITH as_of AS (
    SELECT max(_day) AS day
    FROM government.applications
),

promised AS (
    SELECT
        applications.application_no,
        applications.item_code,
        applications.region_code,
        applications.application_channel,
        applications._day AS day,
        applications.application_closed_at::DATE AS closed_on,
        applications.documents_required,
        applications.documents_reused,
        add_working_days(applications._day, items.promised_workdays::INTEGER) AS due_on,
        add_working_days(applications._day, items.legal_workdays::INTEGER) AS legal_due_on
    FROM government.applications AS applications
    LEFT JOIN government.service_items AS items
        ON items.item_code = applications.item_code
        AND items.valid_from <= applications._day
        AND (items.valid_to IS NULL OR items.valid_to > applications._day)
)

SELECT
    promised.application_no,
    promised.item_code,
    promised.region_code,
    promised.application_channel,
    promised.day,
    promised.closed_on,
    promised.due_on,
    working_days(promised.day, promised.closed_on) AS days_taken,
    coalesce(promised.closed_on, as_of.day) > promised.due_on AS overdue,
    coalesce(promised.closed_on, as_of.day) > promised.legal_due_on AS unlawful,
    promised.documents_required,
    promised.documents_reused
FROM promised
CROSS JOIN as_of
