"""What the settings of every format share."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar

from pydantic import BeforeValidator, SerializeAsAny

from citylake.schemas.model.extension_registry import ExtensionGroup
from citylake.schemas.model.open_union import OpenUnion


class SourceFormat(OpenUnion):
    """The settings of one format; ``type`` is the name of its entry point in ``citylake.formats``."""

    kind_key: ClassVar[str] = "type"
    kind_group: ClassVar[ExtensionGroup] = "citylake.formats"
    kind_model: ClassVar[str] = "format_model"

    type: str


def _validate_format(value: Any) -> SourceFormat:
    return SourceFormat.validate_kind({"type": value} if isinstance(value, str) else value)


AnyFormat = Annotated[SerializeAsAny[SourceFormat], BeforeValidator(_validate_format)]
"""A format by its name alone (``csv``), or with its settings."""
