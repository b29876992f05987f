"""What the settings of every connector share."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Self

from pydantic import BeforeValidator, Field, SerializeAsAny, model_validator

from citylake.schemas.base.declaration import Declaration
from citylake.schemas.model.extension_registry import ExtensionGroup
from citylake.schemas.model.formats import AnyFormat, JsonFormat, SourceFormat
from citylake.schemas.model.open_union import OpenUnion


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


def _as_tuple(value: Any) -> Any:
    return (value,) if isinstance(value, Mapping | ResponseEnvelope) else value or ()


ResponseEnvelopes = Annotated[tuple[ResponseEnvelope, ...], BeforeValidator(_as_tuple)]
"""One rule, or a list: every one must hold, in this order."""


class SourceBase(OpenUnion):
    """What the settings of every connector share. A connector that knows its format has it as the default.

    A subclass has the field ``connector: Literal["<its name>"]``; ``${NAME}`` in text is filled from the environment.
    """

    kind_key: ClassVar[str] = "connector"
    kind_group: ClassVar[ExtensionGroup] = "citylake.connectors"
    kind_model: ClassVar[str] = "source_model"

    if TYPE_CHECKING:
        # Not a field here: the order of a source's fields is part of the fingerprints of committed batches.
        connector: str

    format: AnyFormat
    name_fields: str | None = None
    """Regular expression that is searched for in the file's name; its named groups become source fields."""
    envelope: ResponseEnvelopes = ()
    locale: str | None = Field(None, pattern=r"^[A-Za-z]{2,3}([-_][A-Za-z]+)*$", exclude_if=lambda value: value is None)
    """Language tag of the source's texts (``zh-CN``), by which an encoding that is not declared is likelier."""

    def layout(self, landed: Sequence[str]) -> SourceFormat:
        """The format of the files at the paths ``landed``, which this source's connector wrote."""
        return self.format

    def addresses(self) -> Iterator[tuple[str, str]]:
        """The keys that hold a path or URL, with their values; lint looks for secrets in them."""
        yield from ()

    def resource_path(self) -> str:
        """What names the dataset below the address, in lineage; empty if the address does."""
        return ""

    @property
    def connection_name(self) -> str | None:
        """The connection whose credentials are used; None for a source that needs none."""
        return getattr(self, "connection", None)

    @property
    def new_bytes_replace(self) -> bool:
        """Whether a committed file with new bytes is a new version of it, whose rows replace the earlier ones."""
        return False

    @property
    def same_bytes_repeat(self) -> bool:
        """Whether the bytes of a committed file under another name are its rows again, which ``append`` skips."""
        return False

    @property
    def repeats(self) -> str | None:
        """The setting by which a pull may bring rows of an earlier one again; None if it never does."""
        return "incremental" if getattr(self, "incremental", None) else None

    @model_validator(mode="after")
    def _envelopes_are_documents(self) -> Self:
        if self.envelope and not is_json_document(self.format):
            raise ValueError("an envelope needs a JSON format")
        return self


Source = Annotated[SerializeAsAny[SourceBase], BeforeValidator(SourceBase.validate_kind)]
"""The settings of any connector; its key ``connector`` names which."""
