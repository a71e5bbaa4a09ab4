"""`-t status`: what the index holds."""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from rich.table import Table
from rich.text import Text

from photoseek.catalogue import licence_of
from photoseek.cli.connection import named_gateway
from photoseek.cli.missing import none_here
from photoseek.cli.output import new_console, print_row
from photoseek.engine import PhotoSearch
from photoseek.helpers.counted import counted
from photoseek.identity import activation, is_mistaken
from photoseek.indexing.reindex_place import second_index
from photoseek.settings import IndexSettings, Settings
from photoseek.store import mistaken_vectors, open_store


def run(options: argparse.Namespace, settings: Settings) -> int:
    """Show it; without a gateway no model is needed."""
    if settings.gateway:
        return _of_gateway(options, settings)
    index = PhotoSearch(settings)
    status = index.index_status()
    if status is None:
        raise none_here(settings)
    model = status.model
    remark = str(mistaken_vectors(status.location, model)) if is_mistaken(model) else ""
    if options.json:
        told = asdict(status)
        told["model"].pop("tokenizer")  # an index is of photos, and has none
        more = {"bytes": index.size(), "activation": activation(model), "remark": remark}
        print(json.dumps(told | more | {"beside": _beside(settings)}))
        return 0
    rows = _rows(status.location, model.name, model.dimensions, status.photos)
    rows |= {"activation": activation(model)} if activation(model) else {}
    rows |= {"search": _search(status.ann), "size": f"{index.size() / 1e6:,.1f} MB"}
    rows |= _keywords(status.keyword_fields)
    rows |= _licence(model.name)
    rows |= {"remark": remark} if remark else {}
    if other := _beside(settings):
        what = "in use before" if other["was_in_use"] else "unfinished"
        photos = f"model {other['model']}, {counted(other['photos'], 'photo', 'photos')}"
        rows["beside"] = f"{other['location']} ({photos}, {what})"
    _show(rows)
    return 0


def _beside(settings: IndexSettings) -> dict[str, Any] | None:
    """The index of another model in the same place, if there is one."""
    other = second_index(settings)
    if other is None:
        return None
    about = {"location": other.location, "was_in_use": other.was_in_use}
    if other.model is None:
        return about | {"model": "", "photos": 0}
    photos = open_store(other.location, settings=settings).count()
    return about | {"model": other.model.name, "photos": photos}


def _of_gateway(options: argparse.Namespace, settings: Settings) -> int:
    with named_gateway(settings) as client:
        status = client.status()
    if options.json:
        print(json.dumps(asdict(status)))
        return 0
    rows = {"gateway": client.url}
    rows |= _rows(status.location, status.model, status.dimensions, status.photos)
    rows |= {"search": _search(status.ann), "runs": f"{status.precision} on {status.device}"}
    rows |= _keywords(status.keyword_fields)
    rows |= _licence(status.model)
    _show(rows)
    return 0


def _licence(model: str) -> dict[str, str]:
    licence = licence_of(model)
    limit = f", {licence.limit}" if licence and licence.limit else ""
    return {"licence": f"{licence}{limit}"} if licence else {}


def _rows(location: str, model: str, dimensions: int, photos: int) -> dict[str, str]:
    return {
        "index": location,
        "model": f"{model} ({dimensions} dimensions)",
        "photos": f"{photos:,}",
    }


def _search(ann: bool) -> str:
    return "approximate (ANN index)" if ann else "exact"


def _keywords(fields: Sequence[str]) -> dict[str, str]:
    return {"keywords": ", ".join(("captions", "tags", *fields))} if fields else {}


def _show(rows: dict[str, str]) -> None:
    console = new_console()
    if not console.is_terminal:
        for name, value in rows.items():
            print_row(console, name, value)
        return
    table = Table(box=None, show_header=False, pad_edge=False, highlight=False)
    for name, value in rows.items():
        table.add_row(name, Text(value))
    console.print(table, highlight=False)
