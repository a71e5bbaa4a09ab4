"""What options of the command line take, from the words that are given for them."""

from __future__ import annotations

import argparse

LONGEST_PAUSE = 24 * 3600
"""Seconds between two looks at a source."""

MOST_HOURS = 366 * 24
"""Hours between two sweeps."""


def positive(text: str) -> int:
    """A whole number from 1.

    Raises:
        argparse.ArgumentTypeError: for anything else.
    """
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number from 1")
    return int(text)


def seconds(text: str) -> float:
    """A number of seconds up to a day.

    Raises:
        argparse.ArgumentTypeError: for anything else.
    """
    try:
        given = float(text)
    except ValueError:
        given = 0.0
    if not 0 < given <= LONGEST_PAUSE:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of seconds up to a day")
    return given


def hours(text: str) -> float:
    """A number of hours from 0 up to a year.

    Raises:
        argparse.ArgumentTypeError: for anything else.
    """
    try:
        given = float(text)
    except ValueError:
        given = -1.0
    if not 0 <= given <= MOST_HOURS:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of hours up to a year")
    return given


def rate(text: str) -> float:
    """A learning rate.

    Raises:
        argparse.ArgumentTypeError: for anything else.
    """
    try:
        given = float(text)
    except ValueError:
        given = 0.0
    if not 0 < given <= 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number above 0, and 1 at the most")
    return given


def table_file(text: str) -> str:
    """A file for a table, or "-" for standard output.

    Raises:
        argparse.ArgumentTypeError: for anything else.
    """
    if text != "-" and ("://" in text or not text.lower().endswith((".csv", ".parquet"))):
        raise argparse.ArgumentTypeError(
            f"{text!r} is no file for a table; write FILE.csv or FILE.parquet on this machine, or "
            "- for standard output"
        )
    return text


def share(text: str) -> float:
    """A number between 0 and 1.

    Raises:
        argparse.ArgumentTypeError: for anything else.
    """
    try:
        given = float(text)
    except ValueError:
        given = 0.0
    if not 0 < given < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number between 0 and 1, such as 0.8")
    return given


def keyword_place(text: str) -> str:
    """A CSV file, side-cars, or "-" for standard output.

    Raises:
        argparse.ArgumentTypeError: for anything else.
    """
    if text not in ("-", "xmp") and ("://" in text or not text.lower().endswith(".csv")):
        raise argparse.ArgumentTypeError(
            f"{text!r} is no place for keywords; write FILE.csv on this machine, xmp for side-cars "
            "beside the photos, or - for standard output"
        )
    return text


def json_file(text: str) -> str:
    """A file of JSON.

    Raises:
        argparse.ArgumentTypeError: for anything else.
    """
    if "://" in text or not text.lower().endswith(".json"):
        raise argparse.ArgumentTypeError(f"{text!r} is no file of JSON; write FILE.json")
    return text


def cluster(text: str) -> str:
    """The name of a Ray cluster.

    Raises:
        argparse.ArgumentTypeError: for anything else.
    """
    from photoseek.cluster.ray_connection import is_cluster

    if not is_cluster(text):
        raise argparse.ArgumentTypeError(
            f"{text!r} names no Ray cluster; write ray://HOST:10001, or ray for the one of this "
            "machine"
        )
    return text
