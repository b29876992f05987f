-- One row an object and pair of offices: what each says of it, and whether the two would have met by what is written.
-- Enterprises meet by the links of entities/enterprise, certificates by number, persons by the token of their document.
WITH registered AS (
    SELECT links.entity_id, register.uscc, register.organisation_name, register.region_code
    FROM government.enterprise_registry AS register
    JOIN entities.enterprise AS links
        ON links.dataset = 'government.enterprise_registry' AND links.record_key = register.uscc
    WHERE register.valid_to IS NULL
),

insured AS (
    SELECT links.entity_id, units.organisation_code, units.organisation_name, units.region_code
    FROM social.insured_units AS units
    JOIN entities.enterprise AS links
        ON links.dataset = 'social.insured_units' AND links.record_key = units.organisation_code
    WHERE units.valid_to IS NULL
),

taxed AS (
    SELECT links.entity_id, payers.uscc, payers.organisation_name, payers.region_code
    FROM tax.taxpayers AS payers
    JOIN entities.enterprise AS links
        ON links.dataset = 'tax.taxpayers' AND links.record_key = payers.uscc
    WHERE payers.valid_to IS NULL
),

pairs AS (
    SELECT
        'registry_insurance' AS pair,
        coalesce(registered.uscc, insured.organisation_code) AS object_key,
        registered.region_code AS first_value,
        insured.region_code AS second_value,
        registered.uscc IS NOT NULL AS first_knows,
        insured.organisation_code IS NOT NULL AS second_knows,
        registered.organisation_name = insured.organisation_name AS written_alike
    FROM registered
    FULL JOIN insured ON insured.entity_id = registered.entity_id
    UNION ALL
    SELECT
        'registry_tax' AS pair,
        coalesce(registered.uscc, taxed.uscc) AS object_key,
        registered.region_code AS first_value,
        taxed.region_code AS second_value,
        registered.uscc IS NOT NULL AS first_knows,
        taxed.uscc IS NOT NULL AS second_knows,
        registered.organisation_name = taxed.organisation_name AS written_alike
    FROM registered
    FULL JOIN taxed ON taxed.entity_id = registered.entity_id
    UNION ALL
    SELECT
        'library_commerce' AS pair,
        coalesce(library.licence_no, copies.licence_no) AS object_key,
        library.licence_status AS first_value,
        copies.licence_status AS second_value,
        library.licence_no IS NOT NULL AS first_knows,
        copies.licence_no IS NOT NULL AS second_knows,
        library.licence_no = copies.licence_no_typed AS written_alike
    FROM (SELECT licence_no, licence_status FROM government.certificates WHERE uscc IS NOT NULL) AS library
    FULL JOIN commerce.licence_copies AS copies ON copies.licence_no = library.licence_no
    UNION ALL
    SELECT
        'portal_cards' AS pair,
        coalesce(users.certificate_no, holders.certificate_no) AS object_key,
        users.region_code AS first_value,
        holders.region_code AS second_value,
        users.certificate_no IS NOT NULL AS first_knows,
        holders.certificate_no IS NOT NULL AS second_knows,
        users.certificate_no_typed = holders.certificate_no AS written_alike
    FROM government.portal_users AS users
    FULL JOIN social.card_holders AS holders ON holders.certificate_no = users.certificate_no
)

SELECT
    pair,
    object_key,
    first_value,
    second_value,
    first_knows,
    second_knows,
    coalesce(written_alike, false) AS written_alike,
    CASE WHEN first_knows AND second_knows THEN coalesce(first_value = second_value, false) END AS agrees
FROM pairs
