"""Photos from a list of URLs to a folder or a bucket."""

from photoseek.download.downloader import DownloadOptions, download
from photoseek.download.hosts import ClosedHosts
from photoseek.download.lists import UrlList
from photoseek.download.outcomes import DownloadReport
from photoseek.download.state import FAILURES, MANIFEST, Journal

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
