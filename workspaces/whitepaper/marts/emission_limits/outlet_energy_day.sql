-- An hour is untreated if production used electricity and its treatment less than a fiftieth of it.
WITH hours AS (
    SELECT
        outlet_code,
        _day AS day,
        hour_start,
        sum(electricity_kwh) FILTER (WHERE facility_role = '1') AS production_kwh,
        sum(electricity_kwh) FILTER (WHERE facility_role = '2') AS treatment_kwh
    FROM emissions.outlet_energy
    GROUP BY outlet_code, _day, hour_start
),

permits AS (
    SELECT discharge_permit_no, licence_status
    FROM environment.discharge_permits
)

SELECT
    hours.outlet_code,
    hours.day,
    sources.region_code,
    sources.uscc,
    permits.licence_status,
    sum(hours.production_kwh) AS production_kwh,
    sum(hours.treatment_kwh) AS treatment_kwh,
    count(*) FILTER (WHERE hours.production_kwh > 0 AND hours.treatment_kwh < 0.02 * hours.production_kwh)
        AS hours_untreated
FROM hours
JOIN emissions.sources AS sources ON sources.outlet_code = hours.outlet_code
LEFT JOIN permits ON permits.discharge_permit_no = sources.discharge_permit_no
GROUP BY hours.outlet_code, hours.day, sources.region_code, sources.uscc, permits.licence_status
