"""Looks at who reaches the gateway, and at the photos that are to be indexed."""

from __future__ import annotations

from collections.abc import Iterator

from photoseek.cli.checks.findings import Finding, Subject
from photoseek.guarding import check_guarded, why_exposed
from photoseek.sources import open_source


def look_at_key(subject: Subject) -> Iterator[Finding]:
    """Whether a gateway would start: one that others reach needs a key, or a word that it has none.

    Raises:
        SettingsError: it would not, which is told as the error says it.
    """
    settings = subject.settings
    check_guarded(settings)
    why = why_exposed(settings)
    if settings.api_key:
        yield Finding("key", "ok", "The gateway has one.")
    elif why:
        yield Finding("key", "warn", f"Everyone who reaches the gateway may do everything: {why}.")
    else:
        yield Finding("key", "ok", "None is needed: only this machine reaches the gateway.")


def look_at_source(subject: Subject) -> Iterator[Finding]:
    """Whether the photos that are to be indexed are there; nothing where no source is set.

    Raises:
        SourceError: they are not.
    """
    settings = subject.settings
    if "source" in settings.model_fields_set:
        open_source(settings.source, settings)
        yield Finding("source", "ok", f"{settings.source} can be read.")
