"""Grid management: the grids and who looks after them, and the events that the grid staff report."""

from __future__ import annotations

from citylake.infra.city.city_keys import city_keys
from citylake.infra.city.domains.city_domain import CityDomain
from citylake.infra.city.domains.grid import grid_answers, grid_cells, grid_events

DOMAIN = CityDomain(
    name="grid",
    makers=(
        (grid_cells.generate_cells, grid_cells.write_cells_file),
        (grid_events.generate_events, grid_events.write_event_files),
    ),
    answers=grid_answers.ANSWERS,
    environment=city_keys,
)
