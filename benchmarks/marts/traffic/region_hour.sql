SELECT
    region_code,
    date_trunc('hour', observed_at) AS hour_start,
    _day AS day,
    count(*) AS readings,
    sum(flow_veh)::BIGINT AS flow_veh,
    sum(flow_veh * mean_speed_kmh) / nullif(sum(flow_veh) FILTER (WHERE mean_speed_kmh IS NOT NULL), 0) AS mean_speed_kmh,
    avg(occupancy_pct) AS occupancy_pct
FROM detector.readings
GROUP BY region_code, date_trunc('hour', observed_at), _day
