-- A lease includes its last day.
SELECT
    one.asset_code,
    one.lease_no,
    other.lease_no AS other_lease_no,
    other.leased_from AS overlap_from,
    (least(one.leased_to, other.leased_to) - other.leased_from + 1)::INTEGER AS overlap_days
FROM assets.asset_leases AS one
JOIN assets.asset_leases AS other
    ON
        other.asset_code = one.asset_code
        AND other.leased_from <= one.leased_to
        AND (other.leased_from > one.leased_from OR (other.leased_from = one.leased_from AND other.lease_no > one.lease_no))
