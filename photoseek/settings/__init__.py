"""Every knob of photoseek in one typed place: `PHOTOSEEK_*` in the environment or in `.env`.

A setting is one field of one of the parts, in `parts.py` and `access_parts.py`. The field says
itself whether it is a secret and whether it is an option of the command line; `Settings` joins the
parts. What needs some of the settings asks for their part, so that its signature says which.
"""

from photoseek.settings.access_parts import (
    REQUESTS_PER_MINUTE,
    AccessSettings,
    PartsSettings,
)
from photoseek.settings.parts import (
    DEFAULT_MODEL,
    OFF,
    DownloadSettings,
    EncoderSettings,
    FetchSettings,
    IndexSettings,
    ModelSettings,
    RunSettings,
    ServiceSettings,
    StockSettings,
    UploadSettings,
)
from photoseek.settings.settings import (
    ENV_FILE,
    OF_THE_FLOW,
    OPTIONS,
    PREFIX,
    SECRETS,
    Settings,
    load_settings,
    variable,
    without_secrets,
)
from photoseek.settings.store_parts import EngineSettings
from photoseek.settings.values import Option, is_this_machine

__all__ = [
    "DEFAULT_MODEL",
    "ENV_FILE",
    "OFF",
    "OF_THE_FLOW",
    "OPTIONS",
    "PREFIX",
    "REQUESTS_PER_MINUTE",
    "SECRETS",
    "AccessSettings",
    "DownloadSettings",
    "EncoderSettings",
    "EngineSettings",
    "FetchSettings",
    "IndexSettings",
    "ModelSettings",
    "Option",
    "PartsSettings",
    "RunSettings",
    "ServiceSettings",
    "Settings",
    "StockSettings",
    "UploadSettings",
    "is_this_machine",
    "load_settings",
    "variable",
    "without_secrets",
]
