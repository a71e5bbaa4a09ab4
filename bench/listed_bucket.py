"""A server that lists a bucket of made-up photos, as many as are asked for, as S3 does."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

PAGE = 1_000
IN_FOLDER = 500

_ENTRY = (
    "<Contents><Key>{key}</Key><LastModified>2026-01-01T00:00:00.000Z</LastModified>"
    "<ETag>&quot;{number:032x}&quot;</ETag><Size>{size}</Size>"
    "<StorageClass>STANDARD</StorageClass></Contents>"
)
_LISTING = (
    '<?xml version="1.0" encoding="UTF-8"?>'
    '<ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Name>{bucket}</Name>'
    "<Prefix>{prefix}</Prefix><KeyCount>{count}</KeyCount><MaxKeys>{page}</MaxKeys>"
    "<EncodingType>url</EncodingType><IsTruncated>{more}</IsTruncated>{token}{entries}"
    "</ListBucketResult>"
)


@contextmanager
def listed_bucket(photos: int) -> Iterator[str]:
    """The address of the server; it listens on a free port of this machine."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            """A page of the listing: all else that S3 can do is not here."""
            parts = urlsplit(self.path)
            asked = {name: values[0] for name, values in parse_qs(parts.query).items()}
            is_listing = asked.get("list-type") == "2"
            body = _page(parts.path.strip("/"), asked, photos).encode() if is_listing else b""
            self.send_response(200 if is_listing else 404)
            self.send_header("Content-Type", "application/xml")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Nothing is told of each request."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()


def _page(bucket: str, asked: dict[str, str], photos: int) -> str:
    """The next keys behind a token, which is the number of the first; their order is S3's."""
    first = int(asked.get("continuation-token", "0"))
    size = min(PAGE, int(asked.get("max-keys", PAGE)))
    last = min(photos, first + size)
    prefix = asked.get("prefix", "")
    entries = "".join(
        _ENTRY.format(
            key=f"{prefix}{number // IN_FOLDER:05}/{number:08}.jpg",
            number=number,
            size=4_000_000 + number,
        )
        for number in range(first, last)
    )
    token = f"<NextContinuationToken>{last}</NextContinuationToken>" if last < photos else ""
    return _LISTING.format(
        bucket=bucket,
        prefix=prefix,
        count=last - first,
        page=size,
        more="true" if last < photos else "false",
        token=token,
        entries=entries,
    )
