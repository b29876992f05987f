"""What the settings of every connector share."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Self

from pydantic import BeforeValidator, model_validator

from citylake.schemas.model.declaration import Declaration
from citylake.schemas.model.formats import JsonFormat, SourceFormat


def _named_format(value: Any) -> Any:
    return {"type": value} if isinstance(value, str) else value


AnyFormat = Annotated[SourceFormat, BeforeValidator(_named_format)]
"""A format by its name alone (``csv``), or with its settings."""


def is_json_document(form: SourceFormat) -> bool:
    """Whether an answer in this format is one JSON document."""
    return isinstance(form, JsonFormat) and not form.lines


class ResponseEnvelope(Declaration):
    """When an answer, or a saved one, is a success: the member at ``field`` must equal one of ``success``.

    Without ``success`` the member must be there, and not null.
    """

    field: str
    success: tuple[str | int | bool, ...] | None = None
    message: str | None = None
    """Path of the server's own message, shown when it failed."""
    final: tuple[str, ...] = ()
    """Parts of that message by which one knows that asking again is vain: ``未订阅``."""


def _listed(value: Any) -> Any:
    return (value,) if isinstance(value, Mapping | ResponseEnvelope) else value or ()


ResponseEnvelopes = Annotated[tuple[ResponseEnvelope, ...], BeforeValidator(_listed)]
"""One rule, or a list: every one must hold, in this order."""


class SourceBase(Declaration):
    """What every connector's settings share. Connectors that know their format have it as a default."""

    format: AnyFormat
    name_fields: str | None = None
    """Regular expression over the file's name (searched for); its named groups become source fields."""
    envelope: ResponseEnvelopes = ()

    def layout(self, landed: Sequence[str]) -> SourceFormat:
        """How the files at the paths ``landed``, which this source's connector wrote, are laid out."""
        return self.format

    @property
    def repeats(self) -> str | None:
        """The setting by which a pull may bring rows of an earlier one again; None where it does not."""
        return "incremental" if getattr(self, "incremental", None) else None

    @model_validator(mode="after")
    def _envelopes_are_documents(self) -> Self:
        if self.envelope and not is_json_document(self.format):
            raise ValueError("an envelope needs a JSON format")
        return self
