"""Every knob of photoseek in one typed place: `PHOTOSEEK_*` in the environment or in `.env`.

A setting is one field of one of the parts, in the modules that end in `parts`. The field says
itself whether it is a secret and whether it is an option of the command line; `Settings` joins the
parts. What needs some of the settings asks for their part, so that its signature says which.

The modules of the parts have no `from __future__ import annotations`: pydantic would read each
annotation again, as text, for every part that inherits it, and each start of a program would wait.
"""

from photoseek.settings.access_parts import (
    REQUESTS_PER_MINUTE,
    AccessSettings,
    HostSettings,
    PartsSettings,
)
from photoseek.settings.joint_parts import GatewaySettings, LibrarySettings, RootsSettings
from photoseek.settings.parts import (
    OFF,
    DownloadSettings,
    EncoderSettings,
    FetchSettings,
    ModelSettings,
    RunSettings,
    ServiceSettings,
    StockSettings,
    UploadSettings,
)
from photoseek.settings.redis_place import RedisPlace, redis_place
from photoseek.settings.settings import (
    ENV_FILE,
    OPTIONS,
    PREFIX,
    SECRETS,
    SECRETS_OF,
    Settings,
    load_settings,
    variable,
    without_secrets,
)
from photoseek.settings.sharing_parts import SharingSettings
from photoseek.settings.store_parts import EngineSettings, IndexSettings
from photoseek.settings.values import Option, PartOfFlow, is_this_machine

__all__ = [
    "ENV_FILE",
    "OFF",
    "OPTIONS",
    "PREFIX",
    "REQUESTS_PER_MINUTE",
    "SECRETS",
    "SECRETS_OF",
    "AccessSettings",
    "DownloadSettings",
    "EncoderSettings",
    "EngineSettings",
    "FetchSettings",
    "GatewaySettings",
    "HostSettings",
    "IndexSettings",
    "LibrarySettings",
    "ModelSettings",
    "Option",
    "PartOfFlow",
    "PartsSettings",
    "RedisPlace",
    "RootsSettings",
    "RunSettings",
    "ServiceSettings",
    "Settings",
    "SharingSettings",
    "StockSettings",
    "UploadSettings",
    "is_this_machine",
    "load_settings",
    "redis_place",
    "variable",
    "without_secrets",
]
