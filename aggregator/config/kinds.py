"""The kinds of values that keys take: text, numbers and names, each checked by the small language that it is in.

In:    a plain value; what other places of the configuration say.
Out:   a typed value, or WrongError.
Never: knows a key.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    PlainSerializer,
    ValidationInfo,
    WithJsonSchema,
)

from aggregator.config.suggest import one_of
from aggregator.config.values import (
    ID,
    WrongError,
    address,
    authority,
    contact,
    cookie_name,
    cookie_value,
    cron,
    database,
    duration,
    egress,
    folders,
    header_name,
    header_value,
    hours,
    identifier,
    language,
    listen,
    login,
    moment,
    network,
    pattern,
    phrase,
    public_url,
    rate,
    reading,
    selector,
    size,
    spell_duration,
    spell_size,
    word,
    zone,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What other places of the configuration say. None: they could not be read, so nothing is compared with them."""

    names: Mapping[str, frozenset[str] | None] = field(default_factory=dict)  # "section", "source" ... -> their ids
    floor: timedelta | None = None  # aggregator.yaml's poll.floor

    def check(self, kind: str, name: str) -> str:
        """Return the name if something of that kind is named so."""
        names = self.names.get(kind)
        if names is not None and name not in names:
            many = f"{kind}es" if kind.endswith("s") else f"{kind}s"
            raise WrongError(f"no {kind} is named {{here}}.", one_of(name, names, many))
        return name


def _duration(value: object) -> object:
    return duration(value) if isinstance(value, str) else value


def _size(value: object) -> object:
    """Take a bare number for a text, so that its mistake is told as that of one."""
    return size(str(value)) if isinstance(value, str | int) and not isinstance(value, bool) else value


def _moment(value: object) -> object:
    return moment(value) if isinstance(value, str) else value


def _number(value: object) -> object:
    """Take a number that came as a text: from the environment it cannot come otherwise."""
    return int(value) if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < 10 else value  # noqa: PLR2004


def _rate(value: object) -> object:
    """Take a bare number for a text, so that its mistake is told as that of one."""
    return rate(str(value) if isinstance(value, int) else value) if isinstance(value, int | str) else value


def known_of(info: ValidationInfo) -> Known:
    """Return what is known beside the value that is being checked."""
    return info.context if isinstance(info.context, Known) else Known()


def empty(value: object) -> object:
    """Take a key whose lines are all commented out for an empty one."""
    return {} if value is None else value


def _known_section(value: str, info: ValidationInfo) -> str:
    return known_of(info).check("section", value)


def _known_source(value: str, info: ValidationInfo) -> str:
    return known_of(info).check("source", value)


def _known_topic(value: str, info: ValidationInfo) -> str:
    return known_of(info).check("topic", value)


def _known_egress(value: str, info: ValidationInfo) -> str:
    return known_of(info).check("egress", value)


Duration = Annotated[timedelta, BeforeValidator(_duration), PlainSerializer(spell_duration, return_type=str)]
Size = Annotated[int, BeforeValidator(_size), PlainSerializer(spell_size, return_type=str)]
Moment = Annotated[datetime, BeforeValidator(_moment), PlainSerializer(datetime.isoformat, return_type=str)]
Rate = Annotated[str, BeforeValidator(_rate)]
Number = Annotated[int, BeforeValidator(_number)]
Id = Annotated[str, AfterValidator(identifier), WithJsonSchema({"type": "string", "pattern": ID.pattern})]
Url = Annotated[str, AfterValidator(address)]
Language = Annotated[str, AfterValidator(language)]
Zone = Annotated[str, AfterValidator(zone)]
Networks = list[Annotated[str, AfterValidator(network)]]
Words = list[Annotated[str, AfterValidator(word)]]
PublicUrl = Annotated[str, AfterValidator(public_url)]
Listen = Annotated[str, AfterValidator(listen)]
Database = Annotated[str, AfterValidator(database)]
Authority = Annotated[str, AfterValidator(authority)]
Contact = Annotated[str, AfterValidator(contact)]
Folders = Annotated[str, AfterValidator(folders)]
Pattern = Annotated[str, AfterValidator(pattern)]
SectionName = Annotated[str, AfterValidator(_known_section)]
SourceName = Annotated[str, AfterValidator(_known_source)]
TopicName = Annotated[str, AfterValidator(_known_topic)]
Visibility = Literal["public", "private"]
EgressName = Annotated[str, AfterValidator(_known_egress)]
EgressUrl = Annotated[str, AfterValidator(egress)]
Phrase = Annotated[str, AfterValidator(phrase)]
HeaderName = Annotated[str, AfterValidator(header_name)]
HeaderValue = Annotated[str, AfterValidator(header_value)]
CookieName = Annotated[str, AfterValidator(cookie_name)]
CookieValue = Annotated[str, AfterValidator(cookie_value)]
Login = Annotated[str, AfterValidator(login)]
Hours = Annotated[str, AfterValidator(hours)]
CronLine = Annotated[str, AfterValidator(cron)]
Css = Annotated[str, AfterValidator(selector)]
Reading = Annotated[str, AfterValidator(reading)]
Query = Annotated[Any, WithJsonSchema({"type": ["string", "object", "array"]})]


class Keys(BaseModel):
    """A mapping in which every key is known."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)
