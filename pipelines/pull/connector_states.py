"""Validation of a state that is set by hand: it must be one that the connector can continue from."""

from __future__ import annotations

from typing import Any

from pydantic import ValidationError

from citylake.pipelines.pull.connector_api import PullState, load_connector
from citylake.pipelines.pull.state_types import ConnectorState
from citylake.schemas.words.errors import CitylakeError
from citylake.schemas.words.message_catalogue import translations_of


def validate_connector_state(dataset: str, connector: str, state: PullState) -> PullState:
    """``state`` if the connector can continue from it; the empty state is always valid. Raises STATE_MISSHAPEN."""
    model = load_connector(connector).state_model
    try:
        if state:
            model.model_validate(state)
    except ValidationError as error:
        raise _misshapen_state(dataset, connector, model, error) from None
    return state


def _misshapen_state(
    dataset: str, connector: str, model: type[ConnectorState], error: ValidationError
) -> CitylakeError:
    first = error.errors(include_url=False)[0]
    named = [field.alias or name for name, field in model.model_fields.items()]
    kind = first["type"] if first["type"] in ("extra_forbidden", "missing") else "value"
    values: dict[str, Any] = {"dataset": dataset, "connector": connector, "names": ", ".join(named) or "—"}
    reason, where = translations_of(f"pull.state_{kind}"), ".".join(str(part) for part in first["loc"])
    assert reason
    return CitylakeError("STATE_MISSHAPEN", key=where, reason=reason.model_dump(), **values)
