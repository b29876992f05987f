"""The format of a landed text file as a contract states it."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from citylake.pipelines.lake.lake_zones import Lake
from citylake.pipelines.onboard.csv_draft import draft_csv_words
from citylake.pipelines.onboard.fixed_width_draft import draft_fixed_width
from citylake.pipelines.onboard.text_sample import read_text_sample
from citylake.pipelines.onboard.workbook_draft import draft_workbook_words
from citylake.pipelines.parse.encoding_candidates import contract_locale
from citylake.pipelines.parse.local_landing import received_layout
from citylake.pipelines.parse.plan_read import unpacked_landing
from citylake.pipelines.parse.read_request import ParseReport, ReadRequest
from citylake.pipelines.parse.text_encoding import EncodedFile, detect_encoding, to_utf8
from citylake.pipelines.records import Receipt
from citylake.schemas.model.contract import Contract
from citylake.schemas.model.formats import CsvFormat, XlsxFormat
from citylake.schemas.words.errors import CitylakeError
from citylake.schemas.words.message_catalogue import translate_key


@dataclass(frozen=True, slots=True)
class FormatDraft:
    """``words``: what the format must say besides its ``type``. ``reasons``: keys of the catalogue, with values."""

    words: Mapping[str, Any]
    reasons: Sequence[tuple[str, Mapping[str, Any]]]

    def comment(self) -> str:
        """Why each word was chosen, in the user's language."""
        return "; ".join(translate_key(f"onboard.draft_{key}", **values) for key, values in self.reasons)

    def with_notices(self, codes: Collection[str]) -> FormatDraft:
        """With the words for what reading the rows showed: a backslash that escapes quotes."""
        if "ESCAPE_GUESSED" not in codes:
            return self
        return FormatDraft({**self.words, "escape": "\\"}, [*self.reasons, ("escape", {})])


def draft_format(receipt: Receipt, contract: Contract, lake: Lake, scratch: Path) -> FormatDraft | None:
    """The words for a delimited file whose contract states only its encoding, or a workbook; None for any other source.

    Raises the faults of its encoding, or of the workbook.
    """
    fmt = received_layout(receipt, contract)
    if isinstance(fmt, XlsxFormat) and not fmt.model_fields_set - {"type", "sheet", "sheets"}:
        chosen = (fmt.sheet,) if fmt.sheet else fmt.sheets
        request = ReadRequest(unpacked_landing(receipt, contract, lake, scratch), receipt.source, scratch, lambda _: 0)
        return FormatDraft(*draft_workbook_words(request, chosen))
    if not isinstance(fmt, CsvFormat) or len(receipt.landing) != 1 or fmt.model_fields_set - {"type", "encoding"}:
        return None
    (path,) = unpacked_landing(receipt, contract, lake, scratch)
    request = ReadRequest((path,), receipt.source, scratch, lambda _: 0, locale=contract_locale(contract))
    encoding = fmt.encoding
    reasons: list[tuple[str, Mapping[str, Any]]] = []
    try:
        path = to_utf8(request, detect_encoding(request, path, encoding, "csv", ParseReport())).path
    except CitylakeError as error:
        encoding, reasons = _likeliest_encoding(error)
        path = to_utf8(request, EncodedFile(path, encoding, checked=True)).path
    sample = read_text_sample(path)
    draft = draft_csv_words(sample)
    aligned = draft_fixed_width(sample) if draft.columns == 1 else None
    if aligned:
        reasons.append(("fixed_width", {}) if aligned.named else ("fixed_width_nameless", {}))
        return FormatDraft({**aligned.words, **({"encoding": encoding} if encoding else {})}, reasons)
    words = {"encoding": encoding, **draft.words} if reasons else draft.words
    return FormatDraft(words, [*reasons, *draft.reasons])


def _likeliest_encoding(error: CitylakeError) -> tuple[str, list[tuple[str, Mapping[str, Any]]]]:
    """The likelier of two readings, for a person to confirm; UTF-8 for a file that nearly is; otherwise the fault."""
    values = error.problem.values
    if error.code == "ENCODING_AMBIGUOUS":
        return values["encoding"], [("encoding", values)]
    if error.code == "ENCODING_WRONG" and values["encoding"] == "utf-8":
        return "utf-8", []
    raise error
