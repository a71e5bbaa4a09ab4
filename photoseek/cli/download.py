"""`-t download`: the photos of a list of URLs, to a folder or a bucket."""

from __future__ import annotations

import argparse
from itertools import islice
from pathlib import Path

from rich.console import Console
from rich.text import Text

from photoseek.cli.any_console import json_line
from photoseek.cli.output import new_console, print_row, print_sentence, short_place
from photoseek.cli.present import print_counts
from photoseek.cli.progress import photo_bar
from photoseek.download import (
    MANIFEST,
    ClosedHosts,
    DownloadOptions,
    DownloadReport,
    Journal,
    UrlList,
    download,
)
from photoseek.download.lists import wait_for_change
from photoseek.download.publishing import begin, journal_folder, publish
from photoseek.errors import PhotoseekError, SourceError
from photoseek.files.filestore import FileStore, open_files
from photoseek.helpers.counted import counted
from photoseek.helpers.program import command
from photoseek.helpers.shell_words import quoted
from photoseek.helpers.uri import scheme_of
from photoseek.photos import ImageLimits
from photoseek.settings import DownloadSettings, Settings
from photoseek.sources.source import local_path


def run(options: argparse.Namespace, settings: Settings) -> int:
    """Download a list, once or again and again. Returns 1 when nothing arrived at all."""
    console = new_console(stderr=options.json)
    path = _list_path(str(settings.source))
    place = open_files(options.to)
    if path == (journal_folder(place) / MANIFEST).resolve():
        raise SourceError(
            f"{path} lists what arrived there already. Give another list, or choose another --to."
        )
    photos = UrlList.open(path)
    for remark in photos.remarks:
        console.print(Text(remark, "yellow"), soft_wrap=True)
    closed = ClosedHosts()
    report: DownloadReport | None = _look(photos, place, closed, options, settings, console)
    while options.watch:
        console.print(f"Looking at {short_place(str(path))} every {options.watch:g} s ...")
        again = report is None or report.passing > 0
        wait_for_change(path, photos.version, options.watch, at_most_once=again)
        try:
            photos = UrlList.open(path)
            report = _look(photos, place, closed, options, settings, console, first=False)
        except PhotoseekError as error:  # the list is being rewritten, or S3 is away
            console.print(Text(str(error), "yellow"))
            report = None
    nothing_to_do = photos.of_failures and report is not None and not report.done
    return 0 if report is None or report.arrived or report.known or nothing_to_do else 1


def _list_path(source: str) -> Path:
    if scheme_of(source):
        raise SourceError(
            f"{source[:200]} is not on this machine. Copy the list to a file here and give that."
        )
    return local_path(source)


def _look(
    photos: UrlList,
    place: FileStore,
    closed: ClosedHosts,
    options: argparse.Namespace,
    settings: Settings,
    console: Console,
    *,
    first: bool = True,
) -> DownloadReport:
    """Go through the list once, and say what was done."""
    place.prepare()
    resume = options.resume or not first
    forgiven = _options(settings).forgiven
    folder = journal_folder(place)
    with Journal(folder, photos.columns, resume=resume, forgiven=forgiven) as journal:
        if first:
            begin(place, journal, resume=resume)
        so_far = DownloadReport()
        try:
            report = _download_with_progress(
                photos, place, journal, closed, options, settings, console, so_far
            )
        except KeyboardInterrupt:
            console.print(_kept(so_far), highlight=False)
            raise
        finally:
            publish(place, journal)
        _show(report, journal, options, console)
    return report


def _download_with_progress(
    photos: UrlList,
    place: FileStore,
    journal: Journal,
    closed: ClosedHosts,
    options: argparse.Namespace,
    settings: Settings,
    console: Console,
    so_far: DownloadReport,
) -> DownloadReport:
    rows = photos.count()
    with photo_bar("Downloading", min(rows, options.limit or rows), console) as show:

        def move(report: DownloadReport) -> None:
            so_far.arrived, so_far.failed = report.arrived, report.failed
            failed = report.failed.total()
            show(
                report.done,
                remark=f"{failed:,} failed" if failed else "",
                speed=report.photos_per_second if report.arrived else 0,
            )

        return download(
            islice(photos, options.limit),
            place,
            journal,
            _options(settings),
            retry_failures=photos.of_failures,
            closed=closed,
            on_progress=move,
        )


def _kept(so_far: DownloadReport) -> str:
    photos = f"{counted(so_far.arrived, 'photo', 'photos')} in this run"
    failed = f", and {so_far.failed.total():,} failed" if so_far.failed.total() else ""
    return f"Stopped. What arrived stays: {photos}{failed}; the same command goes on from there."


def _options(settings: DownloadSettings) -> DownloadOptions:
    return DownloadOptions(
        concurrency=settings.concurrency,
        per_host=settings.per_host,
        seconds=settings.fetch_seconds,
        limits=ImageLimits(settings.max_megabytes, settings.max_megapixels),
        allow_private_addresses=settings.allow_private_addresses,
        ignore_robots_tag=settings.ignore_robots_tag,
        user_agent=settings.user_agent,
    )


def _show(
    report: DownloadReport, journal: Journal, options: argparse.Namespace, console: Console
) -> None:
    manifest, failures = str(journal.manifest.path), str(journal.failures.path)
    if options.json:
        summary = {
            "arrived": report.arrived,
            "known": report.known,
            "given_up": report.given_up,
            "repeated": report.repeated,
            "failed": dict(report.failed.most_common()),
            "bytes": report.received,
            "seconds": round(report.seconds, 3),
            "manifest": manifest,
            "failures": failures,
        }
        print(json_line(summary), flush=True)
        return
    failed = report.failed.total()
    parts = [f"[bold]{report.arrived:,}[/] arrived ({report.received / 1e6:,.1f} MB)"]
    there = "was" if report.known == 1 else "were"
    parts += [f"{report.known:,} {there} there before"] if report.known else []
    parts += [f"{report.repeated:,} repeated"] if report.repeated else []
    parts += [f"[yellow]{failed:,} failed[/]"] if failed else []
    if report.given_up:
        parts.append(f"[yellow]{report.given_up:,} not tried again[/]")
    print_counts(parts, report, console)
    for reason, count in report.failed.most_common():
        if console.is_terminal:
            console.print(Text(f"  {count:,} {reason}", "yellow"))
        else:
            print_row(console, count, reason)
    if report.given_up:
        why = "What is not tried again failed in an earlier run, for a reason that lasts."
        print_sentence(console, why, "yellow")
    if failed or report.given_up:
        console.print(Text(f"What failed, and why: {short_place(failures)}"), soft_wrap=True)
    if report.arrived or report.known:
        index = f"{command('index')} --source {quoted(short_place(manifest))}"
        console.print(Text(f"Index them:  {index}"), soft_wrap=True)
