"""A typed client for the gateway's HTTP side. Imports neither Jina nor torch."""

from photoseek.client.async_client import AsyncClient
from photoseek.client.client import Client
from photoseek.records import Found, Outcome, Status

__all__ = ["AsyncClient", "Client", "Found", "Outcome", "Status"]
