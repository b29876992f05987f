-- Each figure is the one that its mart gives as the answer to its first question. The year is that of the newest day of the city.
WITH figures AS (
    SELECT 'C01' AS indicator_code, 'facility_condition' AS source_mart, count(*)::DOUBLE AS indicator_value
    FROM mart.facility_condition.component_condition
    WHERE cover_open_since IS NOT NULL
    UNION ALL
    SELECT 'C02', 'service_performance', count(*)::DOUBLE
    FROM mart.service_performance.application_due
    WHERE overdue
    UNION ALL
    SELECT 'C03', 'policy_eligible', count(*)::DOUBLE
    FROM mart.policy_eligible.eligibility
    WHERE eligible AND NOT paid
    UNION ALL
    SELECT 'C04', 'eco_quality', count(*)::DOUBLE
    FROM mart.eco_quality.region_day
    WHERE water_quality_class > '3'
    UNION ALL
    SELECT 'C05', 'waterlogging_watch', recall_pct::DOUBLE
    FROM mart.waterlogging_watch.watch_score
    WHERE day_role = '2'
    UNION ALL
    SELECT 'C06', 'emission_limits', sum(hours_over)::DOUBLE
    FROM mart.emission_limits.outlet_day
    UNION ALL
    SELECT 'C07', 'datacentre_energy', round(sum(facility_kwh) / sum(it_kwh), 3)::DOUBLE
    FROM mart.datacentre_energy.site_day
    UNION ALL
    SELECT 'C08', 'crop_trace', count(DISTINCT batch_code)::DOUBLE
    FROM mart.crop_trace.interval_violations
    UNION ALL
    SELECT 'C09', 'trace_chain', count(DISTINCT site_code)::DOUBLE
    FROM mart.trace_chain.recall_list
    UNION ALL
    SELECT 'C10', 'assistant_quality', sum(stale_answers)::DOUBLE
    FROM mart.assistant_quality.topic_day
),

newest AS (
    SELECT year(max(day))::VARCHAR AS calendar_year
    FROM mart.assistant_quality.topic_day
),

targets AS (
    SELECT declared.indicator_code, declared.target_direction, declared.target_value
    FROM government.indicator_targets AS declared
    JOIN newest ON newest.calendar_year = declared.calendar_year
)

SELECT
    figures.indicator_code,
    figures.indicator_value,
    targets.target_direction,
    targets.target_value,
    CASE targets.target_direction
        -- citylake: allow UNIT because an indicator and its target are in the unit of the indicator
        WHEN '1' THEN figures.indicator_value <= targets.target_value
        -- citylake: allow UNIT because an indicator and its target are in the unit of the indicator
        WHEN '2' THEN figures.indicator_value >= targets.target_value
    END AS is_met,
    figures.source_mart
FROM figures
LEFT JOIN targets ON targets.indicator_code = figures.indicator_code
