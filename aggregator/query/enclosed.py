"""The field that looks at the files that belong to an item.

In:    kinds of files, and a Subject.
Out:   a Match that names the type of the file.
Never: opens a file.
"""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlsplit

from aggregator.model import Enclosure
from aggregator.query.clause import Clause
from aggregator.query.subject import Match, Subject
from aggregator.query.values import Media, Raw

_UNTOLD = frozenset({"", "application/octet-stream", "binary/octet-stream"})  # what servers say that do not know
# By the ending of the address. Pictures stand in feeds without a type (itunes:image, JSON Feed's `image`).
_ENDINGS = {
    "aac": "audio/aac",
    "flac": "audio/flac",
    "m4a": "audio/mp4",
    "mp3": "audio/mpeg",
    "ogg": "audio/ogg",
    "opus": "audio/ogg",
    "wav": "audio/wav",
    "m4v": "video/mp4",
    "mov": "video/quicktime",
    "mp4": "video/mp4",
    "webm": "video/webm",
    "avif": "image/avif",
    "gif": "image/gif",
    "jpeg": "image/jpeg",
    "jpg": "image/jpeg",
    "png": "image/png",
    "svg": "image/svg+xml",
    "webp": "image/webp",
}


@dataclass(frozen=True, slots=True)
class WithEnclosure(Clause[Media]):
    """Items with a file of this kind: audio, video, image, any, or of this type."""

    name = "enclosure"
    example = "enclosure:audio"
    options = (
        "audio, video, image, any",
        "a MIME type as application/pdf; * stands for either half of it",
        "a file without a type is known by the ending of its address",
    )
    pattern = Media.pattern

    @classmethod
    def value_of(cls, raw: Raw) -> Media:
        """Read `audio`."""
        return Media.read(raw)

    def matches(self, subject: Subject) -> Match | None:
        """By the types of the item's files, as told."""
        types = list(map(_type_of, subject.facts.item.enclosures))
        for value in self.values:
            for mime in types:
                if value.takes(mime):
                    return Match(f"enclosure {mime or 'of no type'}")
        return None


def _type_of(file: Enclosure) -> str:
    """Return the MIME type of a file without parameters; "" if it is told neither so nor so."""
    told = file.type.partition(";")[0].strip().lower()
    if told not in _UNTOLD:
        return told
    try:
        path = urlsplit(file.href).path
    except ValueError:  # an address that no rule of ours let pass cannot be split
        return told
    return _ENDINGS.get(path.rpartition(".")[2].lower(), told)
