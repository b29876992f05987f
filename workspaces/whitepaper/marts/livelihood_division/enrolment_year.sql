SELECT
    region_code,
    school_year,
    count(*) AS schools,
    sum(school_places_persons)::BIGINT AS places,
    sum(enrolled_pupils_person)::BIGINT AS enrolled,
    round(100.0 * sum(enrolled_pupils_person) / nullif(sum(school_places_persons), 0), 1) AS filled_pct
FROM education.enrolment
GROUP BY region_code, school_year
