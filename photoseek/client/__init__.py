"""A typed client for the gateway's HTTP side. Imports neither Jina nor torch."""

from photoseek.client.client import Client
from photoseek.records import Found, Outcome, Status

__all__ = ["Client", "Found", "Outcome", "Status"]
