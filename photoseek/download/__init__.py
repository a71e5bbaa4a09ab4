"""Photos from a list of URLs to a folder or a bucket."""

from photoseek.download.hosts import ClosedHosts
from photoseek.download.journal import FAILURES, MANIFEST, Journal
from photoseek.download.lists import UrlList
from photoseek.download.report import DownloadReport
from photoseek.download.running import DownloadOptions, download

__all__ = [
    "FAILURES",
    "MANIFEST",
    "ClosedHosts",
    "DownloadOptions",
    "DownloadReport",
    "Journal",
    "UrlList",
    "download",
]
