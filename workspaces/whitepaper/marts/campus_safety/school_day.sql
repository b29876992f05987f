WITH gates AS (
    SELECT security_device_code, site_code AS school_code, region_code, opens_at, closes_at
    FROM security.devices
    WHERE security_device_class = '02'
),

entry_quarters AS (
    SELECT
        entries.school_code,
        entries._day AS day,
        entries.pupil_entries_person,
        entries.visitor_entries_person,
        isodow(entries._day) >= 6
        OR (entries.interval_start AT TIME ZONE 'Asia/Shanghai')::TIME < gates.opens_at
        OR (entries.interval_start AT TIME ZONE 'Asia/Shanghai')::TIME >= gates.closes_at AS is_closed
    FROM security.gate_entries AS entries
    JOIN gates ON gates.security_device_code = entries.security_device_code
),

entry_day AS (
    SELECT
        school_code,
        day,
        sum(pupil_entries_person)::BIGINT AS pupil_entries,
        sum(visitor_entries_person)::BIGINT AS visitors,
        coalesce(sum(visitor_entries_person) FILTER (WHERE is_closed), 0)::BIGINT AS visitors_out_of_hours
    FROM entry_quarters
    GROUP BY school_code, day
),

alarm_day AS (
    SELECT
        school_code,
        _day AS day,
        count(*) AS alarms,
        count(*) FILTER (WHERE alarm_answered_at IS NULL) AS unanswered,
        max(epoch(alarm_answered_at - alarm_raised_at)) AS slowest_answer_s
    FROM security.alarms
    GROUP BY school_code, _day
),

school_days AS (
    SELECT school_code, day FROM entry_day
    UNION
    SELECT school_code, day FROM alarm_day
),

school_region AS (
    SELECT school_code, min(region_code) AS region_code
    FROM gates
    GROUP BY school_code
)

SELECT
    school_days.school_code,
    schools.school_name,
    school_region.region_code,
    school_days.day,
    schools.school_pupils_persons AS pupils,
    coalesce(entry_day.pupil_entries, 0) AS pupil_entries,
    round(100.0 * nullif(entry_day.pupil_entries, 0) / nullif(schools.school_pupils_persons, 0), 1) AS present_pct,
    coalesce(entry_day.visitors, 0) AS visitors,
    coalesce(entry_day.visitors_out_of_hours, 0) AS visitors_out_of_hours,
    coalesce(alarm_day.alarms, 0) AS alarms,
    coalesce(alarm_day.unanswered, 0) AS unanswered,
    alarm_day.slowest_answer_s
FROM school_days
LEFT JOIN school_region USING (school_code)
LEFT JOIN education.schools AS schools ON schools.school_code = school_days.school_code
LEFT JOIN entry_day ON entry_day.school_code = school_days.school_code AND entry_day.day = school_days.day
LEFT JOIN alarm_day ON alarm_day.school_code = school_days.school_code AND alarm_day.day = school_days.day
