"""A typed client for the gateway's HTTP side. Imports neither Jina nor torch."""

from photoseek.client.client import Client
from photoseek.client.from_json import Found, Outcome, ServiceStatus

__all__ = ["Client", "Found", "Outcome", "ServiceStatus"]
