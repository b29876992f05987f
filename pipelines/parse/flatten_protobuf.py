"""A protobuf message as flat columns of text: paths joined by dots; absent fields are left out, without defaults."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

_VARINT = 0


def flatten_message(message: Any, path: str, unknown: Counter[str], skip: str = "") -> dict[str, str]:
    """The fields that ``message`` has, below ``path``, without the field ``skip``.

    Enumerations are their names, or their numbers if the schema has no name for them; items of a list follow their
    index; texts in several languages follow their language. ``unknown`` counts the fields that the schema lacks.
    """
    from google.protobuf.json_format import MessageToDict

    members = MessageToDict(message, preserving_proto_field_name=True)
    members.pop(skip, None)
    return {**dict(_message_leaves(members, path)), **dict(_unknown_enums(message, path, unknown, skip))}


def unnamed_enums(message: Any, path: str, unknown: Counter[str]) -> Iterator[tuple[str, str]]:
    """Enumeration values without a name, which protobuf stores as unknown fields (proto2 enums are closed)."""
    from google.protobuf.unknown_fields import UnknownFieldSet

    known = message.DESCRIPTOR.fields_by_number
    for found in UnknownFieldSet(message):
        field = known.get(found.field_number)
        if field is not None and field.enum_type and found.wire_type == _VARINT:
            yield f"{path}.{field.name}", str(found.data)
        else:
            unknown[f"{path}.{found.field_number}"] += 1


def _message_leaves(value: Any, path: str) -> Iterator[tuple[str, str]]:
    if isinstance(value, dict):
        if set(value) == {"translation"}:
            yield from _translations(value["translation"], path)
            return
        for name, member in value.items():
            yield from _message_leaves(member, f"{path}.{name}")
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _message_leaves(item, f"{path}.{index}")
    elif isinstance(value, bool):
        yield path, "true" if value else "false"
    else:
        yield path, str(value)


def _translations(found: list[dict[str, str]], path: str) -> Iterator[tuple[str, str]]:
    """Each text under its language, or under ``path`` itself without one; a second text of a language gets a number."""
    seen: Counter[str] = Counter()
    for item in found:
        language = item.get("language", "")
        place = f"{path}.{language}" if language else path
        seen[place] += 1
        yield (place if seen[place] == 1 else f"{place}.{seen[place]}"), item["text"]


def _unknown_enums(message: Any, path: str, unknown: Counter[str], skip: str = "") -> Iterator[tuple[str, str]]:
    yield from unnamed_enums(message, path, unknown)
    for field, value in message.ListFields():
        if field.message_type is None or field.name == skip:
            continue
        if field.is_repeated:
            for index, item in enumerate(value):
                yield from _unknown_enums(item, f"{path}.{field.name}.{index}", unknown)
        else:
            yield from _unknown_enums(value, f"{path}.{field.name}", unknown)
