-- From the plot to the batch: what was harvested, and what the register of batches says about it.
SELECT
    harvests.harvest_no,
    harvests.batch_code,
    harvests.plot_code,
    plots.region_code,
    plots.crop_code,
    register.product_code,
    harvests.harvested_at,
    harvests.harvest_quantity_kg,
    register.batch_quantity_kg,
    register.uscc
FROM agriculture.harvests AS harvests
LEFT JOIN agriculture.plots AS plots ON plots.plot_code = harvests.plot_code
LEFT JOIN provenance.batches AS register ON register.batch_code = harvests.batch_code
