SELECT
    region_code,
    day,
    application_channel,
    count(*) AS applications,
    count(*) FILTER (WHERE closed_on IS NOT NULL) AS finished,
    count(*) FILTER (WHERE overdue) AS overdue,
    sum(documents_required)::BIGINT AS documents_required,
    sum(documents_reused)::BIGINT AS documents_reused
FROM application_due
GROUP BY region_code, day, application_channel
