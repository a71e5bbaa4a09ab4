"""Everything photoseek raises on purpose.

PhotoseekError
├── SettingsError            a setting has a value that is not allowed
├── StorageError             a folder or bucket cannot be read or written
├── SourceError              a folder, bucket or manifest cannot be used at all
├── PhotoError               one photo cannot be used; it becomes a Skip and stops nothing else
│   ├── UnreadablePhotoError its bytes cannot be had
│   │   ├── AwayPhotoError       they cannot be had now, and may be later
│   │   ├── PrivateAddressError  its URL leads into a private network
│   │   └── OutsideRootsError    it lies where photos may not be read from
│   ├── NotAPhotoError       its bytes are no picture that we know
│   ├── DamagedPhotoError    its bytes begin as a picture and break off or lie
│   ├── OversizedPhotoError  more bytes or more pixels than the limits allow
│   ├── DescriptionError     what is said of it is too long, or no text
│   ├── SidecarError         nothing can be added to the side-car of a photo without a loss
│   └── DuplicatePhotoError  it is in the index already
├── ModelError
│   ├── UnknownModelError    no model has that name
│   └── WeightsError         the model is known, its weights cannot be had
├── StoreError
│   ├── ModelMismatchError   the index was made with another model
│   │   └── IndexSwitchedError   it is another one since it was opened, with another model
│   ├── StoreVersionError    the index was written by another photoseek
│   ├── DamagedStoreError    the folder holds something that is no readable index
│   ├── MissingStoreError    the index was there and is gone
│   ├── UnreadableStoreError the disk or bucket of the index refuses to give it now
│   ├── SilentStoreError     where the index lies nothing answers in time
│   └── StoreWriteError      the disk is full, read-only or gone
├── QueryError               an empty query, an unknown photo id, a filter that makes no sense
└── ServiceError             the gateway cannot be started or reached
    ├── PartDownError        it answers, and the encoder or the indexer behind it does not
    ├── SlowAnswerError      an answer takes longer than anybody waits for it
    └── CrashingPhotoError   the encoder died at one photo, which is left out from now on

A message says what is wrong, what was given and how to mend it, in one or two sentences:
it is shown to people as it stands.
"""

from typing import Self


class PhotoseekError(Exception):
    """Base of everything that photoseek raises on purpose."""


class SettingsError(PhotoseekError):
    """A setting has a value that is not allowed."""


class MissingPackageError(PhotoseekError):
    """What was asked for takes a package that is not installed."""


class StorageError(PhotoseekError):
    """A folder or bucket cannot be read or written."""


class SourceError(PhotoseekError):
    """A source of photos cannot be used at all."""


class EmptySourceError(SourceError):
    """A folder or a prefix of a bucket holds no photos. It may have some later."""


class QueueError(PhotoseekError):
    """A queue of messages cannot be used."""


class MessageError(PhotoseekError):
    """One message of a queue cannot be used. The error is the reason that is kept with it."""


class PhotoError(PhotoseekError):
    """One photo cannot be used. The message is the reason shown beside its uri."""


class UnreadablePhotoError(PhotoError):
    """The bytes of a photo cannot be had: missing, forbidden, or the server says no."""


class AwayPhotoError(UnreadablePhotoError):
    """The bytes of a photo cannot be had now, and may be later: its server is silent, its disk is
    not there, or refuses it to this user.
    """


class PrivateAddressError(UnreadablePhotoError):
    """A URL leads to an address that is not public, and private ones are not allowed."""


class OutsideRootsError(UnreadablePhotoError):
    """A photo lies outside of the folders and buckets that photos may be read from."""


class NotAPhotoError(PhotoError):
    """The bytes are no picture in a format that photoseek reads."""


class DamagedPhotoError(PhotoError):
    """The bytes begin as a picture, and break off or contradict themselves."""


class OversizedPhotoError(PhotoError):
    """A photo has more bytes or more pixels than the limits allow."""

    @classmethod
    def of_bytes(cls, size: int, most: int, *, at_least: bool = False) -> Self:
        """The error for a photo of `size` bytes, or more, where `most` are allowed."""
        measure = f"{'at least ' if at_least else ''}{size / 1e6:,.1f} MB"
        return cls(
            f"File is {measure}; the limit is {most / 1e6:g} MB. Raise PHOTOSEEK_MAX_MEGABYTES."
        )


class DescriptionError(PhotoError):
    """What is said of a photo is longer than an index takes, or is no text.

    The message is a clause without a full stop, for a sentence that says whose description it is.
    """


class SidecarError(PhotoError):
    """The side-car of a photo cannot be added to without a loss; it stays as it is."""


class DuplicatePhotoError(PhotoError):
    """A photo with the same bytes is in the index already, as `photo_id`."""

    def __init__(self, message: str, photo_id: str) -> None:
        super().__init__(message)
        self.photo_id = photo_id


class ModelError(PhotoseekError):
    """A model cannot be used."""


class UnknownModelError(ModelError):
    """No model has that name."""


class WeightsError(ModelError):
    """The model is known, but its weights cannot be had or do not fit it."""


class TokenizerError(ModelError):
    """What a model reads texts with cannot be had or used."""


class StoreError(PhotoseekError):
    """The index cannot be used."""


class ModelMismatchError(StoreError):
    """The index was made with another model; vectors of two models never mix."""


class IndexSwitchedError(ModelMismatchError):
    """The location stands for another index since it was opened; whoever opens it again has it."""


class StoreVersionError(StoreError):
    """The index has a format of a newer photoseek than this one, or of one that is too old."""


class DamagedStoreError(StoreError):
    """The folder holds something that is no readable index."""


class MissingStoreError(StoreError):
    """The index was there when it was opened, and is gone now."""


class UnreadableStoreError(StoreError):
    """The index cannot be read now: its disk, bucket or server is away, or refuses to."""


class SilentStoreError(StoreError):
    """The disk or bucket of the index does not answer within the time that there is."""


class StoreWriteError(StoreError):
    """The index cannot be written: the disk is full, read-only or gone."""


class QueryError(PhotoseekError):
    """A query that cannot be answered as it was asked."""


class ServiceError(PhotoseekError):
    """The gateway cannot be started or reached."""


class PartDownError(ServiceError):
    """The gateway answers, and the encoder or the indexer behind it does not."""


class SlowAnswerError(ServiceError):
    """An answer takes longer than anybody waits for it."""


class CrashingPhotoError(ServiceError):
    """The encoder's process died at one photo, which is left out from now on."""
