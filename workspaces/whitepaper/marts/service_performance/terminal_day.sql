WITH days AS (
    SELECT day, count(*) FILTER (WHERE application_channel = '4') AS applications
    FROM application_due
    GROUP BY day
)

SELECT
    days.day,
    terminals.terminal_kind,
    count(*) AS terminals,
    count(*) FILTER (WHERE terminals.terminal_state = '1') AS in_use,
    any_value(days.applications) AS applications
FROM days
JOIN government.terminals AS terminals
    ON terminals.valid_from <= days.day
    AND (terminals.valid_to IS NULL OR terminals.valid_to > days.day)
GROUP BY days.day, terminals.terminal_kind
