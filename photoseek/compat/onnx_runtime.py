"""ONNX Runtime without what it tells its makers."""

from __future__ import annotations

import os


def without_telemetry() -> None:
    """Keep ONNX Runtime from noting a number for this machine in the user's folder for caches, and
    from sending its makers events on the models that it opens, as it does from 1.32 on.

    To be called before it is imported: it looks once, at that moment. Its function
    `disable_telemetry_events` comes too late. Who wants to send them sets the variable to 0.
    """
    os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")
