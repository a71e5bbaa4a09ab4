"""The file beside a photo that was handed in, `NAME.json`: what was handed in with it."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace

from photoseek.errors import DamagedStoreError
from photoseek.files.filestore import FileStore
from photoseek.records import Photo
from photoseek.sources.source import photo_id

SIDECAR = ".json"
"""What its name has more than its photo's."""

_TEXTS = ("caption", "photographer", "licence", "source_url")


@dataclass(frozen=True, slots=True)
class Sidecar:
    """What lies beside a photo: its description, and the index that it was handed in to."""

    photo: Photo
    index: str
    deleted: bool = False

    def write(self, place: FileStore, name: str) -> None:
        """Put it beside the photo of that name."""
        photo = self.photo
        fields: dict[str, object] = {"id": photo.id, "index": self.index}
        fields |= {field: getattr(photo, field) for field in _TEXTS}
        fields |= {"tags": list(photo.tags), "metadata": dict(photo.metadata)}
        if self.deleted:
            fields["deleted"] = True
        text = json.dumps(fields, ensure_ascii=False, indent=1)
        place.write(name + SIDECAR, text.encode(errors="backslashreplace"), "application/json")

    @classmethod
    def read(cls, place: FileStore, name: str) -> Sidecar | None:
        """The one of a photo, if there is one.

        Raises:
            DamagedStoreError: it makes no sense.
        """
        data = place.read(name + SIDECAR)
        if data is None:
            return None
        try:
            fields = json.loads(data)
            described = Photo(
                id=_text(fields["id"]),
                uri="",
                tags=tuple(map(_text, fields.get("tags", ()))),
                metadata={_text(k): _text(v) for k, v in fields.get("metadata", {}).items()},
                **{field: _text(fields.get(field, "")) for field in _TEXTS},
            )
            photo = replace(placed(place, name, described), id=described.id)
            return cls(photo, _text(fields.get("index", "")), bool(fields.get("deleted")))
        except (ValueError, LookupError, TypeError, AttributeError) as error:
            raise DamagedStoreError(
                f"Its description, {place.uri}/{name}{SIDECAR}, cannot be read ({error}). Mend it, "
                "or remove it to index the photo without."
            ) from error


def placed(place: FileStore, name: str, description: Photo) -> Photo:
    """A photo as it is kept; its name is made of its bytes, and stands for their version."""
    uri = f"{place.uri}/{name}"
    version = name.rpartition("/")[2]
    return replace(description, id=photo_id(uri), uri=uri, version=version)


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError(f"{value!r} is no text")
    return value
