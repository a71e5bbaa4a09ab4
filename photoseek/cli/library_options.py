"""The options of tasks that describe and judge a library; each function adds some of them."""

from __future__ import annotations

import argparse

from photoseek.cli.option_values import (
    json_file,
    keyword_place,
    positive,
    rate,
    share,
)
from photoseek.cli.own_options import filter_option, json_option, limit_option
from photoseek.tuning.plan import EPOCHS, RATE


def ocr_options(group: argparse._ArgumentGroup) -> None:
    """Those of `ocr`."""
    filter_option(group)
    group.add_argument(
        "-n", "--limit", type=positive, metavar="N", help="read N photos; the next run goes on"
    )
    group.add_argument(
        "--again",
        action="store_true",
        help="read photos again that another version has read, or that had a thumbnail only",
    )
    json_option(group)


def keywords_options(group: argparse._ArgumentGroup) -> None:
    """Those of `keywords`."""
    group.add_argument(
        "--labels",
        metavar="FILE.txt",
        help="the keywords to look for, one in each line, such as animal > dog or "
        "car = automobile (default: 650 usual ones)",
    )
    group.add_argument(
        "--to",
        type=keyword_place,
        default="-",
        metavar="PLACE",
        help="FILE.csv, or xmp for side-cars beside the photos (default: CSV to standard output)",
    )
    group.add_argument(
        "--write",
        action="store_true",
        help="write them into the index, into the field suggested; those of before go",
    )
    group.add_argument(
        "--clear", action="store_true", help="take those of --write out of the index again"
    )
    filter_option(group)
    group.add_argument(
        "--most", type=positive, default=10, metavar="N", help="for each photo (default: 10)"
    )
    group.add_argument(
        "--right",
        type=share,
        default=0.8,
        metavar="SHARE",
        help="the share of photos with a keyword that shall have it rightly, by your captions and "
        "tags (default: 0.8)",
    )
    json_option(group)


def evaluate_options(group: argparse._ArgumentGroup) -> None:
    """Those of `evaluate`."""
    group.add_argument(
        "--queries",
        metavar="FILE.csv",
        help="ask texts of your own: columns query, photo (an id or a place) and, if you like, "
        "grade, from 0 for what does not fit (default: each photo's caption)",
    )
    group.add_argument(
        "--against",
        metavar="OTHER",
        help="compare with another index, another model on the same photos, or a file of --save",
    )
    group.add_argument(
        "--save", type=json_file, metavar="FILE.json", help="keep the result for --against"
    )
    group.add_argument(
        "--calibrate",
        action="store_true",
        help="let searches of --index judge from now on by its captions what a good match is",
    )
    limit_option(group)
    json_option(group)


def clicks_options(group: argparse._ArgumentGroup) -> None:
    """Those of `clicks`."""
    group.add_argument(
        "--to", metavar="FILE", help="write them as CSV to a file, or to standard output by -"
    )
    group.add_argument("--forget", action="store_true", help="remove all of them")
    json_option(group)


def tune_options(group: argparse._ArgumentGroup) -> None:
    """Those of `tune`."""
    group.add_argument("--to", metavar="FOLDER", help="where the model is to be written")
    group.add_argument(
        "--from",
        dest="origin",
        choices=["clicks"],
        help="train on what people said of hits on the page, which is kept beside --index, "
        "instead of a --source",
    )
    group.add_argument(
        "--check",
        metavar="SOURCE",
        help="captioned photos of another kind, to see what the model forgets",
    )
    group.add_argument("--seed", type=int, default=0, help="another one is another model")
    group.add_argument(
        "--epochs",
        type=positive,
        default=EPOCHS,
        metavar="N",
        help=f"how often each photo is seen at the most (default: {EPOCHS})",
    )
    group.add_argument(
        "--batch",
        type=positive,
        metavar="N",
        help="photos at once (default: 64 on a processor, 256 on a GPU)",
    )
    group.add_argument(
        "--rate",
        type=rate,
        default=RATE,
        metavar="X",
        help=f"the highest learning rate (default: {RATE:g})",
    )
    limit_option(group)
    json_option(group)
