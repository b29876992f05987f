-- What was known of a region at the end of the hour: rain is the mean of the gauges, a case counts in the hour of its
-- acceptance, and the depth is that of the deepest point.
WITH rain_hour AS (
    SELECT region_code, hour_start, avg(precipitation_1h_mm) AS rain_mm
    FROM environment.rain_gauges
    GROUP BY region_code, hour_start
),

case_hour AS (
    SELECT
        region_code,
        date_trunc('hour', accepted_at) AS hour_start,
        count(*) FILTER (WHERE case_category = '03') AS drainage_cases
    FROM government.hotline_cases
    GROUP BY region_code, date_trunc('hour', accepted_at)
),

speed_hour AS (
    SELECT
        region_code,
        hour_start,
        sum(flow_veh) FILTER (WHERE mean_speed_kmh IS NOT NULL) AS flow_veh,
        sum(flow_veh * mean_speed_kmh) / nullif(sum(flow_veh) FILTER (WHERE mean_speed_kmh IS NOT NULL), 0) AS speed_kmh
    FROM traffic.detector_flow
    GROUP BY region_code, hour_start
),

depth_hour AS (
    SELECT region_code, date_trunc('hour', observed_at) AS hour_start, max(flood_depth_mm) AS depth_mm
    FROM environment.waterlogging_points
    GROUP BY region_code, date_trunc('hour', observed_at)
),

hours AS (
    SELECT region_code, hour_start FROM rain_hour
    UNION
    SELECT region_code, hour_start FROM speed_hour
    UNION
    SELECT region_code, hour_start FROM depth_hour
),

seen AS (
    SELECT
        hours.region_code,
        hours.hour_start,
        rain_hour.rain_mm,
        coalesce(case_hour.drainage_cases, 0) AS drainage_cases,
        speed_hour.flow_veh,
        speed_hour.speed_kmh,
        depth_hour.depth_mm
    FROM hours
    LEFT JOIN rain_hour USING (region_code, hour_start)
    LEFT JOIN case_hour USING (region_code, hour_start)
    LEFT JOIN speed_hour USING (region_code, hour_start)
    LEFT JOIN depth_hour USING (region_code, hour_start)
)

SELECT
    region_code,
    hour_start,
    hour_start::DATE AS day,
    rain_mm AS precipitation_1h_mm,
    sum(rain_mm) OVER three_hours AS rain_3h_mm,
    drainage_cases,
    (sum(drainage_cases) OVER three_hours)::BIGINT AS cases_3h,
    flow_veh::BIGINT AS flow_veh,
    speed_kmh AS mean_speed_kmh,
    depth_mm AS flood_depth_mm
FROM seen
WINDOW three_hours AS (
    PARTITION BY region_code ORDER BY hour_start RANGE BETWEEN INTERVAL 2 HOURS PRECEDING AND CURRENT ROW
)
