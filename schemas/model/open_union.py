"""Declarations of which each kind has a model of its own, also kinds that another package defines."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar, Self

from pydantic import ValidationError
from pydantic_core import InitErrorDetails, PydanticCustomError

from citylake.schemas.base.declaration import Declaration
from citylake.schemas.model.extension_registry import ExtensionGroup, broken_extension, load_extension
from citylake.schemas.words.errors import CitylakeError

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails

EXTENSION_FAULT = "extension_fault"
"""The type of a validation error that has an issue's ``code`` and ``values`` as its context."""


class OpenUnion(Declaration):
    """The base of the kinds; ``kind_key`` is the key whose value names the kind, an entry point of ``kind_group``."""

    kind_key: ClassVar[str]
    kind_group: ClassVar[ExtensionGroup]
    kind_model: ClassVar[str]
    """The attribute of the extension that is the kind's model."""

    @classmethod
    def model_of(cls, kind: str) -> type[Self]:
        """The model of ``kind``; raises CitylakeError if no such extension is installed, or it does not load."""
        extension = load_extension(cls.kind_group, kind)
        model = getattr(extension, cls.kind_model, None)
        if isinstance(model, type) and issubclass(model, cls):
            return model
        reason = f"{cls.kind_model} is not a subclass of {cls.__name__}"
        raise broken_extension(cls.kind_group, kind, type(extension), reason)

    @classmethod
    def validate_kind(cls, value: Any) -> Self:
        """``value`` as the model that its kind has; locations in a ValidationError begin with the kind."""
        if isinstance(value, cls):
            return value
        if not isinstance(value, Mapping):
            raise _invalid(cls, InitErrorDetails(type="dict_type", input=value))
        if cls.kind_key not in value:
            raise _invalid(cls, InitErrorDetails(type="missing", loc=(cls.kind_key,), input=value))
        kind = value[cls.kind_key]
        try:
            return cls.model_of(str(kind)).model_validate(value)
        except CitylakeError as error:
            fault = PydanticCustomError(EXTENSION_FAULT, "{code}", {"code": error.code, "values": error.values})
            raise _invalid(cls, InitErrorDetails(type=fault, loc=(cls.kind_key,), input=kind)) from None
        except ValidationError as error:
            raise _with_kind(cls, str(kind), error) from None


def _with_kind(base: type[OpenUnion], kind: str, error: ValidationError) -> ValidationError:
    return _invalid(base, *(_detail_with_kind(kind, each) for each in error.errors(include_url=False)))


def _detail_with_kind(kind: str, detail: ErrorDetails) -> InitErrorDetails:
    context = detail.get("ctx", {})
    # Errors of pydantic are known by their names; a custom one must be made again.
    custom = detail["type"] == EXTENSION_FAULT
    error = PydanticCustomError(EXTENSION_FAULT, "{code}", context) if custom else detail["type"]
    return InitErrorDetails(type=error, loc=(kind, *detail["loc"]), input=detail["input"], ctx=context)


def _invalid(base: type[OpenUnion], *details: InitErrorDetails) -> ValidationError:
    return ValidationError.from_exception_data(base.__name__, list(details))
