"""The landed files of a receipt on the local disk, as received; compared with the receipt."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path

from citylake.pipelines.lake.digests.file_digest import FileDigest, digest_stream
from citylake.pipelines.lake.lake_zones import Lake
from citylake.pipelines.lake.landed_file import is_stored_as_received, open_landed, received_path
from citylake.pipelines.records import Receipt
from citylake.schemas.model.contract import Contract
from citylake.schemas.model.formats import SourceFormat
from citylake.schemas.words.errors import CitylakeError

_CHUNK = 1 << 20


def received_layout(receipt: Receipt, contract: Contract) -> SourceFormat:
    """The format of the receipt's files, by their names as received."""
    return contract.source.layout([received_path(path) for path in receipt.landing])


def local_landing(receipt: Receipt, lake: Lake, scratch: Path) -> tuple[Path, ...]:
    """The files as received, on the local disk: copies of what the lake compressed or sealed, and of an object store's.

    Raises LANDING_LOST; and LANDING_CHANGED if the lake compressed or sealed any and they are not what was received;
    KEY_UNSET and SEAL_KEY_WRONG. ``scratch`` must be private.
    """
    files = _local_files(receipt, lake, scratch)
    if not all(map(is_stored_as_received, receipt.landing)):
        _check_landed(receipt, files)
    return files


def checked_landing(receipt: Receipt, lake: Lake, scratch: Path) -> tuple[Path, ...]:
    """The files as :func:`local_landing` returns them, always compared with the receipt."""
    files = _local_files(receipt, lake, scratch)
    _check_landed(receipt, files)
    return files


def unpacked_chunks_of(receipt: Receipt, path: str, lake: Lake) -> Iterator[bytes]:
    """The received bytes of a file that the lake compressed or sealed, at most as many as the receipt has.

    Raises LANDING_LOST, and LANDING_CHANGED if they cannot be unpacked or opened; compare them with the receipt's
    SHA-256.
    """
    size = 0
    try:
        with open_landed(lake, path) as stream:
            while chunk := stream.read(_CHUNK):
                size += len(chunk)
                if size > receipt.size_bytes:
                    raise landing_changed(receipt, f"> {receipt.size_bytes:,} B")
                yield chunk
    except OSError as error:
        if error.errno is None:
            raise landing_changed(receipt, str(error)) from error
        raise _lost(path, error) from error


def landing_changed(receipt: Receipt, found: str) -> CitylakeError:
    """LANDING_CHANGED: ``found`` says what is there instead of the receipt's bytes."""
    recorded = FileDigest(receipt.size_bytes, receipt.sha256 or "").short
    values = {"dataset": receipt.dataset, "file": receipt.landing[0], "receipt": receipt.id}
    return CitylakeError("LANDING_CHANGED", **values, recorded=recorded, found=found)


def _check_landed(receipt: Receipt, files: Sequence[Path]) -> None:
    """Raise LANDING_CHANGED if the landed bytes, in local ``files``, are not those of the receipt."""
    if receipt.sha256 is None:
        return
    recorded = FileDigest(receipt.size_bytes, receipt.sha256)
    size = sum(path.stat().st_size for path in files)
    if size != recorded.size_bytes:
        raise landing_changed(receipt, f"{size:,} B")
    with ExitStack() as stack:
        digest = digest_stream(*[stack.enter_context(path.open("rb")) for path in files])
    if digest != recorded:
        raise landing_changed(receipt, digest.short)


def _local_files(receipt: Receipt, lake: Lake, scratch: Path) -> tuple[Path, ...]:
    return tuple(_local_file(receipt, path, lake, scratch, number) for number, path in enumerate(receipt.landing))


def _local_file(receipt: Receipt, path: str, lake: Lake, scratch: Path, number: int) -> Path:
    copy = scratch / f"landed-{number:05d}{Path(received_path(path)).suffix}"
    if not is_stored_as_received(path):
        with copy.open("wb") as file:
            file.writelines(unpacked_chunks_of(receipt, path, lake))
        return copy
    try:
        if lake.local:
            Path(path).stat()
            return Path(path)
        lake.fs.get_file(path, str(copy))
    except OSError as error:
        raise _lost(path, error) from error
    return copy


def _lost(path: str, error: OSError) -> CitylakeError:
    return CitylakeError("LANDING_LOST", file=path, reason=error.strerror or str(error))
