"""XML as a stream of records: hardened, in bounded memory, plain or gzip."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import lru_cache
from io import BufferedReader
from pathlib import Path
from typing import TYPE_CHECKING

from citylake.pipelines.parse.parse_limits import DOCUMENT_BYTES, HEAD_BYTES
from citylake.pipelines.parse.read_request import ReadRequest
from citylake.pipelines.pull.html_page import html_title

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

_GZIP = b"\x1f\x8b"
_TYPE = "{http://www.w3.org/2001/XMLSchema-instance}type"


@lru_cache(maxsize=4096)
def strip_namespace(tag: str) -> str:
    """An element's name without its namespace."""
    return tag.rpartition("}")[2]


def local_name(element: Element) -> str:
    """The element's name without its namespace."""
    return strip_namespace(element.tag)


def xsi_type(element: Element) -> str:
    """The ``xsi:type`` without its prefix; empty if there is none."""
    return element.get(_TYPE, "").rpartition(":")[2]


def child_elements(element: Element, name: str) -> list[Element]:
    """The children with the local name ``name``."""
    return [child for child in element if strip_namespace(child.tag) == name]


def find_descendant(element: Element, *names: str) -> Element | None:
    """The first element below ``element`` with one of the local names, the first name before the others."""
    found = {name: next((each for each in element.iter() if local_name(each) == name), None) for name in names}
    return next((each for each in found.values() if each is not None), None)


def element_text(element: Element | None, *path: str) -> str | None:
    """The text at ``path`` below ``element``, without surrounding white space; None if there is none."""
    for name in path:
        if element is None:
            return None
        element = next((child for child in element if strip_namespace(child.tag) == name), None)
    return ((element.text or "").strip() or None) if element is not None else None


@contextmanager
def _xml_faults(request: ReadRequest) -> Iterator[None]:
    from xml.etree.ElementTree import ParseError

    from defusedxml.common import DefusedXmlException  # type: ignore[import-untyped]

    try:
        yield
    except DefusedXmlException as error:
        raise request.fault("XML_UNSAFE", reason=type(error).__name__) from None
    except ParseError as error:
        row, column = error.position
        raise request.fault("XML_BROKEN", row=row, column=column + 1, reason=str(error)) from None
    except (EOFError, gzip.BadGzipFile, zlib.error, ValueError, LookupError) as error:
        raise request.fault("XML_BROKEN", row=1, column=1, reason=str(error)) from None


def refuse_unsafe_xml(request: ReadRequest, path: Path) -> None:
    """Raise XML_UNSAFE or XML_BROKEN for a document that another library is to read.

    It is read as far as its root element: a DTD, and so an entity, can only be defined before it.
    """
    from defusedxml.ElementTree import iterparse  # type: ignore[import-untyped]

    with _xml_faults(request), path.open("rb") as file:
        next(iter(iterparse(file, ("start",), forbid_dtd=True)), None)


@dataclass(slots=True)
class XmlRecords:
    """The elements of one document with the local ``names``, each complete, and released after use."""

    request: ReadRequest
    path: Path
    names: Collection[str]
    root: str = ""
    types: list[str] = field(default_factory=list)
    """The ``xsi:type`` of every element that is not part of a record."""

    def __iter__(self) -> Iterator[Element]:
        """Raises FILE_IS_HTML, XML_BROKEN, XML_UNSAFE (entities, a DTD) or XML_TOO_LARGE."""
        with _xml_faults(self.request), _open_xml(self.path) as file:
            self._refuse_page(file)
            yield from self._records(_MeteredFile(file, self.request))

    def _records(self, file: _MeteredFile) -> Iterator[Element]:
        from defusedxml.ElementTree import iterparse

        open_elements: list[Element] = []
        inside = 0
        for event, element in iterparse(file, ("start", "end"), forbid_dtd=True):
            wanted = strip_namespace(element.tag) in self.names
            if event == "start":
                self._note(element, inside or wanted)
                open_elements.append(element)
                inside += wanted
                continue
            open_elements.pop()
            inside -= wanted
            if wanted and not inside:
                yield element
                file.since = 0
            if open_elements and not inside:
                open_elements[-1].remove(element)

    def _note(self, element: Element, within: int) -> None:
        self.root = self.root or local_name(element)
        if not within and xsi_type(element):
            self.types.append(xsi_type(element))

    def _refuse_page(self, file: gzip.GzipFile | BufferedReader) -> None:
        title = html_title(file.read(HEAD_BYTES))
        if title:
            raise self.request.fault("FILE_IS_HTML", row=1, title=title)
        file.seek(0)


@dataclass(slots=True)
class _MeteredFile:
    """A reader that enforces the maximum size of a record and of the document."""

    file: gzip.GzipFile | BufferedReader
    request: ReadRequest
    whole: int = 0
    since: int = 0
    """Bytes since the last record ended."""

    def read(self, size: int = -1) -> bytes:
        chunk = self.file.read(size)
        self.whole, self.since = self.whole + len(chunk), self.since + len(chunk)
        for found, limit in ((self.since, self.request.record_chars), (self.whole, DOCUMENT_BYTES)):
            if found > limit:
                raise self.request.fault("XML_TOO_LARGE", limit=limit)
        return chunk


def _open_xml(path: Path) -> gzip.GzipFile | BufferedReader:
    with path.open("rb") as file:
        packed = file.read(len(_GZIP)) == _GZIP
    return gzip.open(path) if packed else path.open("rb")
