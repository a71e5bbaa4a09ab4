"""Bytes from http(s) URLs, within limits of size, time, redirects and reach."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import httpcore
import httpx

from photoseek.errors import AwayPhotoError, UnreadablePhotoError
from photoseek.fetch.http_rules import (
    BAD_URL,
    MOST_REDIRECTS,
    TOO_MANY_REDIRECTS,
    Body,
    headers_of,
    may_pass,
    redirected_url,
    refusal,
    retry_after,
    usable_url,
)
from photoseek.fetch.ssrf import CheckedTransport
from photoseek.helpers.deadlines import CONNECT_SECONDS, READ_SECONDS, seconds_left, within
from photoseek.helpers.retry import ATTEMPTS, SHORT, Attempts, Pauses


class WebReader:
    """Reads the bodies of URLs with one pool of connections, shared by all threads.

    Requests go to the pool itself and not through httpx.Client, which reads the bodies of
    redirects whole, keeps cookies although nobody is logged in, and fails where IDNA does not
    like the name of a host. Proxies named in the environment are not used: a proxy resolves names
    itself, so that no address could be checked. SSL_CERT_FILE and SSL_CERT_DIR are honoured.
    """

    def __init__(
        self,
        *,
        allow_private_addresses: bool,
        timeout_seconds: float,
        user_agent: str = "",
        silence: float = READ_SECONDS,
        pauses: Pauses = SHORT,
    ) -> None:
        """`user_agent` is who asks; "" stands for photoseek itself."""
        self._headers = headers_of(user_agent)
        self._allow_private_addresses = allow_private_addresses
        self._seconds = timeout_seconds
        self._silence = silence
        self._pauses = pauses
        self._lock = threading.Lock()
        self._transport: CheckedTransport | None = None
        self._closed = threading.Event()

    def read(self, url: str, *, max_bytes: int) -> bytes:
        """Fetch a body of 1 to `max_bytes` bytes, counted after decompression.

        Raises:
            AwayPhotoError: the server cannot be reached, or is in trouble.
            UnreadablePhotoError: it does not give it.
            DamagedPhotoError: there is nothing in it, or it breaks off.
            OversizedPhotoError: it is larger than `max_bytes`.
        """
        with within(self._seconds):
            try:
                return self._read(url, max_bytes)
            except _PassingError as error:
                raise AwayPhotoError(str(error)) from error

    def close(self) -> None:
        """Close the connections and end all waiting between attempts."""
        self._closed.set()
        with self._lock:
            if self._transport is not None:
                self._transport.close()

    def _read(self, url: str, max_bytes: int) -> bytes:
        attempts = Attempts(ATTEMPTS, self._pauses, sleep=self._pause)
        while True:
            try:
                return self._follow(url, max_bytes)
            except _PassingError as error:
                attempts.failed(error, wait=error.wait)

    def _pause(self, seconds: float) -> None:
        if self._closed.wait(seconds):
            raise UnreadablePhotoError("Reading was stopped.")

    def _follow(self, url: str, max_bytes: int) -> bytes:
        """Fetch once, redirects followed."""
        with _failures_explained(self._seconds):
            transport = self._connected()
            target = usable_url(url)
            for _ in range(MOST_REDIRECTS + 1):
                response = transport.handle_request(self._request(target))
                try:
                    if not response.has_redirect_location:
                        return _body(response, max_bytes)
                    target = redirected_url(target, response.headers["Location"])
                finally:
                    response.close()
        raise UnreadablePhotoError(TOO_MANY_REDIRECTS)

    def _request(self, url: httpx.URL) -> httpx.Request:
        timeout = httpx.Timeout(self._silence, connect=CONNECT_SECONDS, pool=self._seconds)
        request = httpx.Request(
            "GET",
            url,
            headers={"Host": url.netloc.decode(), **self._headers},
            extensions={"timeout": timeout.as_dict()},
        )
        if url.userinfo:
            login = httpx.BasicAuth(url.username, url.password)
            request = next(login.auth_flow(request))
        return request

    def _connected(self) -> CheckedTransport:
        """The one pool, made when first needed: reading certificates takes a while."""
        with self._lock:
            if self._closed.is_set():
                raise UnreadablePhotoError("Reading was stopped.")
            if self._transport is None:
                self._transport = CheckedTransport(
                    allow_private_addresses=self._allow_private_addresses
                )
            return self._transport


class _PassingError(Exception):
    """An attempt failed in a way that may pass. `wait` is what the server asked for, in seconds."""

    def __init__(self, message: str, wait: float | None = None) -> None:
        super().__init__(message)
        self.wait = wait


def _body(response: httpx.Response, max_bytes: int) -> bytes:
    _check_status(response)
    body = Body(response.headers, max_bytes)
    for chunk in response.iter_raw():
        body.add(chunk)
    return body.finish()


def _check_status(response: httpx.Response) -> None:
    if response.is_success:
        return
    code = response.status_code
    if may_pass(code):
        wait = retry_after(response.headers)
        raise _PassingError(refusal(code, wait), wait)
    raise UnreadablePhotoError(refusal(code, None))


@contextmanager
def _failures_explained(seconds: float) -> Iterator[None]:
    try:
        yield
    except (httpx.InvalidURL, UnicodeError) as error:
        raise UnreadablePhotoError(BAD_URL) from error
    except httpcore.TimeoutException as error:
        if seconds_left() <= 0:
            raise AwayPhotoError(
                f"The server took longer than {seconds:g} s in all. Raise PHOTOSEEK_FETCH_SECONDS."
            ) from error
        raise _PassingError("The server does not answer.") from error
    except (httpcore.ProtocolError, httpx.ProtocolError) as error:
        raise _PassingError(
            f"The answer of the server breaks off or is damaged ({error})."
        ) from error
    except httpcore.NetworkError as error:
        raise _PassingError(f"The server cannot be reached ({error}).") from error
