"""Under which licence published weights are, by the family that they belong to."""

from __future__ import annotations

from dataclasses import dataclass

from photoseek.catalogue.published import Pair


@dataclass(frozen=True, slots=True)
class Licence:
    """A licence of weights.

    Attributes:
        name: what it is called.
        limit: what it does not allow, as the end of a sentence; "" where it allows business.
        is_verified: whether the page of such a model, or its makers, were seen to say so.
    """

    name: str
    limit: str = ""
    is_verified: bool = True

    def __str__(self) -> str:
        return f"{self.name}{'' if self.is_verified else ' (not verified)'}"


_RESEARCH = Licence("apple-amlr", "for research only")
_NO_BUSINESS = Licence("CC-BY-NC-4.0", "not for commercial purposes")
_NO_BUSINESS_UNVERIFIED = Licence("CC-BY-NC-4.0", "not for commercial purposes", is_verified=False)
_MIT, _MIT_UNVERIFIED = Licence("MIT"), Licence("MIT", is_verified=False)
_APACHE, _APACHE_UNVERIFIED = Licence("Apache-2.0"), Licence("Apache-2.0", is_verified=False)

_BY_TAG: tuple[tuple[str, Licence], ...] = (
    ("openai", _MIT),
    ("metaclip2", _NO_BUSINESS_UNVERIFIED),
    ("metaclip", _NO_BUSINESS),
    ("dfn", _RESEARCH),
    ("datacompdr", _RESEARCH),
)
"""By how the weights' tag begins; the first that fits counts."""

_BY_ARCHITECTURE: tuple[tuple[str, Licence], ...] = (
    ("MobileCLIP", _RESEARCH),
    ("nllb-clip", _NO_BUSINESS_UNVERIFIED),
    ("PE-Core", _APACHE),
    ("EVA0", _MIT_UNVERIFIED),
    ("ViTamin", _MIT_UNVERIFIED),
)
"""By how the architecture's name begins."""

_BY_PART: tuple[tuple[str, Licence], ...] = (
    ("SigLIP", _APACHE),
    ("CLIPA", _APACHE_UNVERIFIED),
)
"""By what stands in the architecture's name."""

_BY_REPOSITORY: tuple[tuple[str, Licence], ...] = (
    ("mobileclip", _RESEARCH),
    ("dfn2b", _RESEARCH),
    ("dfn5b", _RESEARCH),
    ("worldwide", _NO_BUSINESS_UNVERIFIED),
    ("metaclip2", _NO_BUSINESS_UNVERIFIED),
    ("metaclip", _NO_BUSINESS),
    ("nllb", _NO_BUSINESS_UNVERIFIED),
)
"""Those that do not allow business, by what stands in the name of a repository on the hub, in small
letters: the same weights lie in repositories of several people. Of all others nothing is known.
"""

_OF_LAION = ("laion2b_", "laion5b_", "datacomp_", "commonpool_", "frozen_laion5b", "mscoco_")
_OF_LAION_AS_WELL = ("laion_aesthetic", "laion400m_s13b")
_OLDER = ("laion400m_", "laion2b_e16", "yfcc15m", "cc12m")


def limit_of(name: str) -> str:
    """A sentence on what the licence of published weights does not allow; "" where it allows
    business, or where nothing is known of it.
    """
    licence = licence_of(name)
    if licence is None or not licence.limit:
        return ""
    return f"The weights of {name} are {licence.limit}: their licence is {licence}."


def licence_of(name: str) -> Licence | None:
    """The licence of a published pair's weights, or of those in a repository on the hub; None where
    nothing is known of them.
    """
    scheme, _, repository = name.partition(":")
    if scheme == "hf-hub":
        found = (each for part, each in _BY_REPOSITORY if part in repository.lower())
        return next(found, None)
    pair = Pair.of(name)
    if pair is None:
        return None
    for part, licence in _BY_ARCHITECTURE:
        if pair.architecture.startswith(part):
            return licence
    for part, licence in _BY_PART:
        if part in pair.architecture:
            return licence
    for part, licence in _BY_TAG:
        if pair.tag.startswith(part):
            return licence
    if pair.tag.startswith(_OLDER) and not pair.tag.startswith(_OF_LAION_AS_WELL):
        return _MIT_UNVERIFIED
    return _MIT if pair.tag.startswith((*_OF_LAION, *_OF_LAION_AS_WELL)) else None
