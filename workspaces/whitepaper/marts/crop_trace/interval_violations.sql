-- A harvest on a day before the interval of a pesticide is over. The day of use counts as day 0.
SELECT
    harvests.harvest_no,
    work.operation_no,
    harvests.batch_code,
    harvests.plot_code,
    harvests.harvested_at,
    work.operated_on,
    work.input_name,
    work.safety_interval_d,
    (work.operated_on + work.safety_interval_d::INTEGER - harvests.harvested_at::DATE)::BIGINT AS days_short,
    EXISTS (SELECT 1 FROM provenance.batches AS register WHERE register.batch_code = harvests.batch_code) AS is_registered
FROM agriculture.harvests AS harvests
JOIN agriculture.operations AS work ON work.plot_code = harvests.plot_code
WHERE
    work.operation_kind = '3'
    AND work.operated_on <= harvests.harvested_at::DATE
    AND harvests.harvested_at::DATE < work.operated_on + work.safety_interval_d::INTEGER
