"""Whether a gateway may run without a key: only where nobody but this machine reaches it."""

from __future__ import annotations

from photoseek.errors import SettingsError
from photoseek.settings import AccessSettings, PartsSettings, is_this_machine


def why_exposed(settings: AccessSettings) -> str:
    """How others reach a gateway with these settings, in words; "" when only this machine does.

    What listens on every address of a container is reached where its ports are published.
    """
    if settings.published:
        if not is_this_machine(settings.published):
            return f"its ports are published on {settings.published}"
    elif not settings.loopback:
        return f"it listens on {settings.host}"
    names = [name for name in settings.allowed_hosts or () if not is_this_machine(name)]
    return f"PHOTOSEEK_ALLOWED_HOSTS names {', '.join(names)}" if names else ""


def why_no_folders(settings: PartsSettings) -> str:
    """Why nobody may choose folders of this machine over HTTP, in a sentence; "" where one may.

    Who sits at it may, and a gateway that others reach cannot tell who that is. In a container, or
    where the parts are elsewhere, the folders would not be those of that person.
    """
    why = why_exposed(settings.model_copy(update={"published": None}))
    elsewhere = [
        address
        for address in (settings.encoder, settings.indexer)
        if not is_this_machine(address.rpartition(":")[0])
    ]
    if not why and elsewhere:
        why = f"a part of it is at {elsewhere[0]}"
    if not why:
        return ""
    return (
        "Folders can be chosen only at a gateway that this machine alone reaches, and not at this "
        f"one: {why}. Use the command line: photoseek index --source FOLDER."
    )


def check_guarded(settings: AccessSettings) -> None:
    """Raise SettingsError when others reach the gateway and it has no key, which nobody wanted."""
    if settings.api_key or settings.api_key_for == "none":
        return
    if why := why_exposed(settings):
        raise SettingsError(
            f"Others can reach the gateway, because {why}, and it has no key: everyone could see "
            f"all photos, add some and delete them. {REMEDY}"
        )


REMEDY = (
    "Give it a key: PHOTOSEEK_API_KEY, for which `openssl rand -hex 24` makes one. If everyone who "
    "reaches it may do everything, say so: PHOTOSEEK_API_KEY_FOR=none."
)
