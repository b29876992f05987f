SELECT
    staff_no AS person_token,
    mode(substr(grid_code, 1, 6) ORDER BY substr(grid_code, 1, 6)) AS region_code,
    count(DISTINCT grid_code) AS grids,
    count(*) AS events,
    count(event_closed_at) AS events_closed,
    round(100 * count(event_closed_at) / count(*), 1) AS closing_rate_pct
FROM grid.events
GROUP BY staff_no
