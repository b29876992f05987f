WITH as_of AS (
    SELECT max(_day) AS day
    FROM utilities.component_alarms
),

inspected AS (
    SELECT
        component_code,
        arg_max(facility_state, (inspected_on, facility_inspection_no)) AS facility_state,
        max(inspected_on) AS inspected_on
    FROM utilities.inspections
    GROUP BY component_code
),

lasting AS (
    SELECT
        component_code,
        max(interval_start) FILTER (WHERE component_alarm_kind = '1') AS cover_open_since,
        max(interval_start) FILTER (WHERE component_alarm_kind = '2') AS tilted_since,
        max(interval_start) FILTER (WHERE component_alarm_kind = '3') AS lamp_out_since
    FROM alarm_interval
    WHERE interval_end IS NULL
    GROUP BY component_code
)

SELECT
    components.component_code,
    components.component_kind,
    substr(components.community_code, 1, 6) AS region_code,
    components.community_code,
    coalesce(inspected.facility_state, components.facility_state) AS facility_state,
    date_sub('year', components.built_on, as_of.day) AS age_years,
    inspected.inspected_on,
    inspected.inspected_on + components.inspection_interval_d::INTEGER AS inspection_due_on,
    coalesce(inspected.inspected_on + components.inspection_interval_d::INTEGER < as_of.day, TRUE) AS is_overdue,
    lasting.cover_open_since,
    lasting.tilted_since,
    lasting.lamp_out_since
FROM utilities.components AS components
CROSS JOIN as_of
LEFT JOIN inspected USING (component_code)
LEFT JOIN lasting USING (component_code)
