-- Each carrier by the factor in force on the first day of the month. Without such a factor, the emission is not known.
WITH months AS (
    SELECT DISTINCT month_start FROM carbon.energy_use
),

in_force AS (
    SELECT
        months.month_start,
        max(factors.mass_factor_tt) FILTER (WHERE factors.energy_carrier = '05') AS coal_factor,
        max(factors.volume_factor_tm3) FILTER (WHERE factors.energy_carrier = '03') AS gas_factor,
        max(factors.mass_factor_tt) FILTER (WHERE factors.energy_carrier = '07') AS diesel_factor,
        max(factors.electricity_factor_tkwh) FILTER (WHERE factors.energy_carrier = '01') AS electricity_factor,
        max(factors.heat_factor_tgj) FILTER (WHERE factors.energy_carrier = '02') AS heat_factor
    FROM months
    JOIN carbon.factors AS factors
        ON
            months.month_start >= factors.valid_from
            AND months.month_start < coalesce(factors.valid_to, DATE '9999-01-01')
    GROUP BY months.month_start
)

SELECT
    used.uscc,
    used.month_start,
    used.region_code,
    used.coal_t,
    used.gas_m3,
    used.diesel_t,
    used.electricity_kwh,
    used.heat_bought_gj,
    CASE WHEN used.coal_t IS NULL THEN 0 ELSE used.coal_t * in_force.coal_factor END
    + CASE WHEN used.gas_m3 IS NULL THEN 0 ELSE used.gas_m3 * in_force.gas_factor END
    + CASE WHEN used.diesel_t IS NULL THEN 0 ELSE used.diesel_t * in_force.diesel_factor END
    + CASE WHEN used.electricity_kwh IS NULL THEN 0 ELSE used.electricity_kwh * in_force.electricity_factor END
    + CASE WHEN used.heat_bought_gj IS NULL THEN 0 ELSE used.heat_bought_gj * in_force.heat_factor END AS co2_t
FROM carbon.energy_use AS used
LEFT JOIN in_force ON in_force.month_start = used.month_start
