"""A typed client for the gateway's HTTP side. Imports neither Jina nor torch."""

from photoseek.client.answers import Found, Outcome, ServiceStatus
from photoseek.client.client import Client

__all__ = ["Client", "Found", "Outcome", "ServiceStatus"]
