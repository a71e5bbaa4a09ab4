"""Looks at Python, and at the parts of photoseek that an installation may leave out."""

from __future__ import annotations

import platform
import sys
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, version

from photoseek import __version__
from photoseek.cli.checks.findings import Finding, Subject
from photoseek.flow.environment import runs_here
from photoseek.helpers.extras import has_extra, without
from photoseek.helpers.installation import CHECKOUT, installing, is_checkout, pip

OLDEST, NEWEST = (3, 11), (3, 13)
"""The versions of Python that photoseek was run with."""

NEEDED = (
    *("open-clip-torch", "onnxruntime", "lancedb", "pyarrow", "pillow", "numpy", "fastapi"),
    *("aiohttp", "httpx"),
)
"""Packages that photoseek does nothing without; torch is looked at by itself."""


def look_at_python(_: Subject) -> Iterator[Finding]:
    """Its version, and where it is."""
    found = f"{platform.python_implementation()} {platform.python_version()} in {sys.prefix}"
    if sys.version_info[:2] > NEWEST:
        yield Finding(
            "Python",
            "warn",
            f"{found}. photoseek was run with {_dotted(OLDEST)} to {_dotted(NEWEST)}; should "
            "something not work, take one of these.",
        )
    else:
        yield Finding("Python", "ok", found)
    yield Finding("photoseek", "ok", f"{__version__}{f' in {CHECKOUT}' if is_checkout() else ''}")


def look_at_packages(_: Subject) -> Iterator[Finding]:
    """Those that are always needed."""
    missing = [name for name in NEEDED if not _version(name)]
    if missing:
        yield Finding(
            "packages", "wrong", f"Not installed: {', '.join(missing)}.", pip(" ".join(missing))
        )
    else:
        yield Finding("packages", "ok", ", ".join(f"{name} {_version(name)}" for name in NEEDED))


def look_at_extras(subject: Subject) -> Iterator[Finding]:
    """What may be left out, and whether the settings need it."""
    if not runs_here():
        told = "It needs Linux or macOS: serve answers over HTTP, in one process."
        yield Finding("Flow", "ok", told)
    elif has_extra("flow"):
        yield Finding("Flow", "ok", f"jina {_version('jina')}, docarray {_version('docarray')}")
    else:
        yield Finding(
            "Flow",
            "ok",
            "Not installed: serve answers over HTTP, in one process. With it there is gRPC too.",
            installing("flow"),
        )
    places = (
        subject.settings.index,
        subject.settings.source,
        subject.settings.uploads,
        subject.settings.state or "",
        subject.settings.blobs or "",
    )
    wanted = [place for place in places if place.startswith("s3://")]
    if has_extra("s3"):
        yield Finding("S3", "ok", f"boto3 {_version('boto3')}")
    elif wanted:
        yield Finding("S3", "wrong", f"{wanted[0]}: {without('s3')}", installing("s3"))
    else:
        yield Finding(
            "S3",
            "ok",
            "Not installed: photos and indexes are on this machine alone.",
            installing("s3"),
        )
    if subject.settings.index.lower().startswith("milvus"):
        yield _milvus()


def _milvus() -> Finding:
    """What speaks to the server that the index is in."""
    if has_extra("milvus"):
        return Finding("Milvus", "ok", f"pymilvus {_version('pymilvus')}")
    return Finding("Milvus", "wrong", without("milvus"), installing("milvus"))


def look_at_page(_: Subject) -> Iterator[Finding]:
    """Whether the page is built."""
    from photoseek.gateway.page import BUILT

    if (BUILT / "index.html").is_file():
        yield Finding("page", "ok", "It is built.")
    else:
        mend = f"make -C {CHECKOUT} web" if is_checkout() else installing()
        yield Finding("page", "warn", "It is not built; the API works without.", mend)


def _version(package: str) -> str:
    """The version of an installed package, or ""."""
    try:
        return version(package)
    except PackageNotFoundError:
        return ""


def _dotted(numbers: tuple[int, int]) -> str:
    return ".".join(map(str, numbers))
