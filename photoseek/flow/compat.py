"""What Jina 3.34 needs mended, in one place. `apply()` is called once in each process.

Jina is imported inside, so that two warnings about Jina's own code can be kept quiet first.
"""

import asyncio
import logging
import os
import signal
import sys
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, ClassVar

from photoseek.compat.imports import stand_ins
from photoseek.errors import MissingStoreError, SilentStoreError
from photoseek.flow.compat_graph import mend_copies, mend_validation
from photoseek.flow.compat_messages import mend_messages
from photoseek.flow.compat_typing import mend_typed_lists
from photoseek.gateway.last_connections import stop_listening

DRAIN_SECONDS = 10.0
"""How long requests in flight may take to finish when a server is told to stop."""


def apply() -> None:
    """No telemetry, no public address look-ups, no banner, no torch where there is no model, no
    regular expressions of strangers, no counts in the environment, no folders that stay, and a stop
    that finishes its work.
    """
    os.environ["JINA_OPTOUT_TELEMETRY"] = "1"
    os.environ.setdefault("JINA_LOG_LEVEL", "ERROR")  # it warns of every moment of waiting
    warnings.filterwarnings("ignore", message="pkg_resources is deprecated")
    warnings.filterwarnings("ignore", message="Valid config keys have changed in V2")
    _import_docarray_without_torch()
    mend_typed_lists()
    import jina.helper as helper
    import jina.orchestrate.flow.base as flow_base
    import jina.orchestrate.orchestrator as orchestrator
    import jina.proto.serializer as serializer
    import jina.serve.runtimes.gateway.graph.topology_graph as topology_graph
    import jina.serve.runtimes.worker.request_handling as request_handling
    from jina.serve.runtimes.servers.grpc import GRPCServer

    flow_base.print = lambda *_, **__: None  # its banner; `-t serve` has its own
    orchestrator.get_public_ip = lambda *_, **__: None
    # To know them it builds every parser of its own command line, four times over: seconds.
    helper.warn_unknown_args = lambda _: None
    if logging.getLogRecordFactory() is not _record:
        _records.append(logging.getLogRecordFactory())
        logging.setLogRecordFactory(_record)
    topology_graph.re = _Names
    serializer.os = _Counts
    request_handling.tempfile = _Folders
    mend_copies()
    mend_validation()
    mend_messages()
    if GRPCServer.shutdown is not _shutdown:
        _original.append(GRPCServer.shutdown)
        GRPCServer.drain, GRPCServer.shutdown = _drain, _shutdown
        _original.append(GRPCServer.aio_tracing_server_interceptors)
        GRPCServer.aio_tracing_server_interceptors = _server_interceptors


class _Names:
    """Stands where Jina has the module `re`, of which it uses this one function.

    It takes `header.target_executor`, which any client can send, for a regular expression: one of
    300 characters keeps a gateway busy for good. Here a name is a name.
    """

    @staticmethod
    def match(wanted: str, name: str) -> bool:
        """True for the executor of that very name."""
        return wanted == name


class _Counts:
    """Stands where Jina's serializers have the module `os`, of which they use this one mapping.

    They count the bytes of all messages in variables of the environment. The C library keeps each
    value that a variable has had for good: two for each message and its answer, between all that
    comes and goes, which therefore cannot be given back to the system either. Messages of a single
    document, of which there are none here, count in the environment as before.
    """

    environ: ClassVar[dict[str, str]] = {}


class _Folders:
    """Stands where Jina has the module `tempfile`, of which its executors use this one function.

    Each makes a folder when it starts, for snapshots, and never removes it. Ours have nothing to
    put there: what they know is in the index.
    """

    @staticmethod
    def mkdtemp() -> str:
        """What no folder can be made in."""
        return os.devnull


def _import_docarray_without_torch() -> None:
    """DocArray imports torch where there is one, to know its tensors. Ours are NumPy's, and two of
    three processes have no model: without torch each is smaller by 500 MB, and starts sooner.
    """
    if "docarray" not in sys.modules:
        with stand_ins({"torch": None}):
            import docarray  # noqa: F401


_records: list[Any] = []

_TOLD = (SilentStoreError, MissingStoreError)


def _record(*given: Any, **fields: Any) -> logging.LogRecord:
    """What is logged of a request that fails, without its stack where a sentence says why.

    To write a stack down takes Jina some 50 ms, in which an indexer whose storage is silent answers
    nobody, and then there are many.
    """
    record: logging.LogRecord = _records[0](*given, **fields)
    if record.exc_info and isinstance(record.exc_info[1], _TOLD):
        record.exc_info = None
    return record


_original: list[Any] = []


async def _drain(server: Any) -> None:
    """Refuse new requests and wait for those in flight; Jina's own stop cancels them."""
    if not getattr(server, "_drained", False):
        server._drained = True
        await server.health_servicer.enter_graceful_shutdown()
        await server.server.stop(grace=DRAIN_SECONDS)


async def _shutdown(server: Any) -> None:
    await _drain(server)
    await _original[0](server)


def _server_interceptors(server: Any) -> list[Any]:
    """Jina's own, and on servers of executors the check of the secret, where there is one."""
    from jina.serve.runtimes.worker.request_handling import WorkerRequestHandler

    from photoseek.flow.secret_check import SecretCheck
    from photoseek.settings import load_settings

    interceptors = list(_original[1](server) or ())
    secret = load_settings().parts_secret
    if secret and isinstance(server._request_handler, WorkerRequestHandler):
        interceptors.append(SecretCheck(secret.get_secret_value()))
    return interceptors


@contextmanager
def known_endpoints(streamer: Any, endpoints: Mapping[str, tuple[Any, Any]]) -> Iterator[None]:
    """Inside, a server of a gateway is set up without asking the executors what they do.

    It gets our own documents; Jina rebuilds those from JSON schemas and loses their limits.
    """
    ask = streamer._get_endpoints_input_output_models
    validate = streamer._validate_flow_docarray_compatibility

    async def tell(is_cancel: Any) -> None:
        streamer._endpoints_models_map = {
            endpoint: {
                "input": takes,
                "output": gives,
                "is_generator": False,
                "is_singleton_doc": False,
                "parameters": None,
            }
            for endpoint, (takes, gives) in endpoints.items()
        }

    streamer._get_endpoints_input_output_models = tell
    streamer._validate_flow_docarray_compatibility = lambda: None
    try:
        yield
    finally:
        streamer._get_endpoints_input_output_models = ask
        streamer._validate_flow_docarray_compatibility = validate


def silence_absent_parts() -> None:
    """Have the running loop say nothing of a part that is away: whoever asked is told that.

    Jina asks the parts what they do in a task of its own, to whose end it does not listen.
    """
    from jina.excepts import InternalNetworkError

    def tell(loop: asyncio.AbstractEventLoop, about: dict[str, Any]) -> None:
        if not isinstance(about.get("exception"), InternalNetworkError):
            loop.default_exception_handler(about)

    asyncio.get_running_loop().set_exception_handler(tell)


async def drain_all(servers: list[Any], streamer: Any) -> None:
    """Drain every server of a gateway before the connections to its executors are closed."""

    async def nothing() -> None:
        return None

    async def drain(server: Any) -> None:
        if hasattr(server, "drain"):
            await server.drain()
        else:
            server.server.should_exit = True
            await stop_listening(server.server.servers)
            await server.server.shutdown()

    close, streamer.close = streamer.close, nothing  # the HTTP app closes it when it stops
    await asyncio.gather(*map(drain, servers))
    streamer.close = close


def native_runtime(arguments: Any, *, gateway: bool) -> Any:
    """What serves one part in this very process; Jina's own would not be told to stop by SIGTERM
    as long as it loads.
    """
    from jina.serve.runtimes.asyncio import AsyncNewLoopRuntime
    from jina.serve.runtimes.gateway.request_handling import GatewayRequestHandler
    from jina.serve.runtimes.worker.request_handling import WorkerRequestHandler

    class NativeRuntime(AsyncNewLoopRuntime):
        def _get_server(self) -> Any:
            """Load what the part is made of; until that is done, SIGTERM ends the process."""
            handler = signal.signal(signal.SIGTERM, signal.SIG_DFL)
            try:
                return super()._get_server()
            finally:
                signal.signal(signal.SIGTERM, handler)

    handler = GatewayRequestHandler if gateway else WorkerRequestHandler
    return NativeRuntime(arguments, req_handler_cls=handler)
