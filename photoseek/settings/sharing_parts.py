"""The settings of what several gateways share."""

from typing import Annotated

from pydantic import AfterValidator, Field, SecretStr

from photoseek.settings.form_errors import of_form
from photoseek.settings.redis_place import redis_place
from photoseek.settings.values import Part, Secret


def _of_redis(url: SecretStr) -> SecretStr:
    redis_place(url.get_secret_value())
    return url


RedisUrl = Annotated[SecretStr, AfterValidator(_of_redis)]


class SharingSettings(Part):
    """Where several gateways of one index keep what they share."""

    redis: Annotated[RedisUrl | None, Secret(of=("gateway", "encoder"))] = Field(
        None,
        description="URL of a Redis in which several gateways share limits, embeddings of texts "
        "and answers, such as redis://:PASSWORD@redis:6379/0. By default each keeps its own.",
    )
    redis_ca: str | None = Field(
        None,
        description="File of the certificates (PEM) that the certificate of a rediss:// is checked "
        "with. By default those that this machine trusts.",
    )
    redis_prefix: Annotated[
        str, of_form(r"[!-~]{1,100}", "Give 1 to 100 letters, digits and signs of ASCII, no space")
    ] = Field(
        "photoseek:",
        description="What the names of all keys in Redis begin with. Give each index its own where "
        "several use one database.",
    )
