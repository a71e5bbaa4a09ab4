"""What the product, and the gateway around it, go by: parts of the settings, joined."""

from pydantic import Field

from photoseek.settings.access_parts import HostSettings, PartsSettings
from photoseek.settings.parts import (
    EncoderSettings,
    RunSettings,
    ServiceSettings,
    UploadSettings,
)
from photoseek.settings.sharing_parts import SharingSettings


class RootsSettings(HostSettings, UploadSettings):
    """From where photos may be read and given out."""

    photo_roots: tuple[str, ...] | None = Field(
        None,
        description="JSON list of folders and s3:// prefixes that photos may be read and given out "
        "from. By default any while the gateway listens on loopback, else none.",
    )

    @property
    def readable_roots(self) -> tuple[str, ...] | None:
        """Those for whoever reaches the gateway; None means any."""
        if self.photo_roots is None and self.loopback:
            return None
        uploads = (self.uploads,) if self.takes_uploads else ()
        return (*(self.photo_roots or ()), *uploads)

    @property
    def local_roots(self) -> tuple[str, ...] | None:
        """Those for somebody who has this machine's files anyway: any, unless places are named."""
        return None if self.photo_roots is None else self.readable_roots


class LibrarySettings(RootsSettings, ServiceSettings, EncoderSettings, RunSettings):
    """What `photoseek.PhotoSearch` goes by."""


class GatewaySettings(PartsSettings, LibrarySettings, SharingSettings):
    """What the gateway goes by."""
