"""LanceDB without its client for servers of namespaces: a quarter of the time to load."""

from __future__ import annotations

from photoseek.importing import bare_package, stand_ins

_SERVERS = "lance_namespace_urllib3_client"

with stand_ins({_SERVERS: bare_package(_SERVERS)}):
    import lancedb

__all__ = ["lancedb"]
