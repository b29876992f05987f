"""Waterlogging: gauges of water on roads, the rule that watches for floods, and the days that may tune it."""

from citylake.infra.city.domains.city_domain import CityDomain
from citylake.infra.city.domains.flooding.flood_answers import flooded_hours, held_out_recall
from citylake.infra.city.domains.flooding.points import generate_points, write_point_files
from citylake.infra.city.domains.flooding.rules import (
    generate_days,
    generate_rules,
    write_days_file,
    write_rules_file,
)

DOMAIN = CityDomain(
    name="flooding",
    makers=(
        (generate_points, write_point_files),
        (generate_rules, write_rules_file),
        (generate_days, write_days_file),
    ),
    answers={
        "waterlogging_watch.held_out_recall": held_out_recall,
        "waterlogging_watch.flooded_hours": flooded_hours,
    },
)
