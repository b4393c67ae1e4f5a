"""Fetch one source over HTTP: the only file that knows httpx.

In:    a Source and what we remember of it (PollState).
Out:   Fetched: the body as bytes, or "not modified", the way it came, and what the server wants remembered.
Never: decodes text, parses XML, sleeps, logs, keeps a cookie, sends a Referer, or touches the store.
"""

from __future__ import annotations

import re
import ssl
from asyncio import sleep
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import lru_cache
from string import punctuation
from types import TracebackType
from typing import Self, cast
from urllib.parse import quote, urljoin

import httpx

from aggregator.clock import Clock, now
from aggregator.crash import crash
from aggregator.errors import FetchError
from aggregator.fetch import ask, body, challenge, egress, guard, hints, transport, trouble
from aggregator.fetch.deadline import within
from aggregator.fetch.resolve import Resolve, SystemResolver
from aggregator.fetch.share import Ration, Share
from aggregator.model import Fetched, Hints, Hop, PollState, Source

DEADLINE = timedelta(seconds=60)  # for everything: look-up, redirects, headers, body
CALL_DEADLINE = timedelta(seconds=10)  # of those whom we call back, of whom anybody may have sent us there
CALL_BYTES = 4096  # of their answers: they say little, or nothing
MAX_BODY_BYTES = 20 * 1024 * 1024  # on the wire, and again unpacked
MAX_REDIRECTS = 10
KEEP = 20  # idle connections

_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_MAY_ASK_TO_WAIT = {*range(300, 400), 403, 429, 503}  # 403: Cloudflare's own refusals carry Retry-After
_DOCUMENT = frozenset({200, 203})  # 203: a proxy on the way changed it
_PORTS = {"http": 80, "https": 443}
_MAX_PORT = 65535
_NOTHING = httpx.ByteStream(b"")  # given, it keeps httpx from adding headers of its own
_PARTS = re.compile(r"[^:]+://(?P<authority>[^/?#]*)(?P<target>[^#]*)", re.DOTALL)


class Client:
    """Asks sources, any number at once. One per process.

    contact        address of a page about us, for the User-Agent
    subscribers    how many people read through us, for the User-Agent; None: not known
    allow_private  CIDRs beyond the public internet that every source may be fetched from
    egresses       name to address of other ways out; a source names one in its access
    keep           how many idle connections are kept for a moment; 0: none
    resolve        name to addresses; None asks the system
    tls            whom we trust; None trusts the public authorities
    clock          the time by which dates in headers are read

    ValueError when an egress or a network is none.
    """

    def __init__(
        self,
        *,
        contact: str,
        version: str,
        subscribers: int | None = None,
        allow_private: tuple[str, ...] = (),
        egresses: Mapping[str, str] | None = None,
        deadline: timedelta = DEADLINE,
        max_body_bytes: int = MAX_BODY_BYTES,
        keep: int = KEEP,
        resolve: Resolve | None = None,
        tls: ssl.SSLContext | None = None,
        clock: Clock = now,
    ) -> None:
        self._caller = ask.Caller(version=version, contact=contact, subscribers=subscribers)
        self._allowed = guard.networks(allow_private)
        self._egresses = {name: egress.read(name, url) for name, url in (egresses or {}).items()}
        self._deadline, self._max_body_bytes, self._ration = deadline, max_body_bytes, Ration()
        self._clock = clock
        self._transport = Transport(
            transport.Transport(
                resolve=resolve or SystemResolver(), keep=keep, trust=lambda: tls or _public_authorities()
            )
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.aclose()

    async def aclose(self) -> None:
        """Close what is idle."""
        await self._transport.aclose()

    def agent(self, source: Source) -> str:
        """Return what we call ourselves when we ask for a source."""
        return self._caller.agent(source)

    def share(self) -> Share:
        """Return a block's share of the memory that there is for bodies; whoever keeps a body fetches inside one."""
        return Share(self._ration)

    async def fetch(self, source: Source, state: PollState, share: Share | None = None) -> Fetched:
        """Return the document, or "not modified". Asks the adopted address, where there is one.

        share  holds the body; None: nobody counts it once this returns
        Raises FetchError when no usable answer came, SourceGone when the server says that none will come any more.
        """
        accept = ask.ACCEPT_PAGE if source.select else ask.ACCEPT
        return await self._fetch(state.adopted_url or source.url, source, state, share, accept=accept)

    async def get(self, url: str, source: Source, share: Share | None = None, *, accept: str = "*/*") -> Fetched:
        """Return what is at a URL, asked once, without condition, on behalf of a source. Raises as fetch does."""
        return await self._fetch(url, source, PollState(), share, accept=accept)

    async def post(self, url: str, form: Sequence[tuple[str, str]], source: Source, *, secret: bool = True) -> int:
        """Send a form on behalf of a source; return the status, which is a success. Raises as fetch does.

        Where it holds a secret, it goes over https only, or to a private address that a person has allowed. Redirects
        are followed with the form (RFC 9110, section 15.4 lets 301 and 302 become GET; hubs do not mean it), not 303.
        """
        sent = ask.form(form, secret=secret)
        return (await self._fetch(url, source, PollState(), None, accept="*/*", sent=sent)).status

    async def call(self, url: str, source: Source, *, body: bytes = b"", headers: ask.Headers | None = None) -> bytes:
        """Ask once, and return how the answer begins; or send a body that these headers describe.

        Follows no redirect; an answer that is no success is raised, as by fetch.
        """
        sent = None if headers is None else ask.Sent(body=body, headers=headers, secret=False)
        with self.share() as share:
            errand = self._errand(source, PollState(), share, accept="*/*", sent=sent)
            async with within(CALL_DEADLINE):
                return await self._called(url, errand)

    def may_post(self, url: str, source: Source) -> bool:
        """Whether a form may go there, as far as the address alone can tell."""
        try:
            return _is_private(_parsed(url), self._allowed + guard.networks(source.allow_private))
        except FetchError:
            return False

    async def _fetch(
        self,
        url: str,
        source: Source,
        state: PollState,
        share: Share | None,
        *,
        accept: str,
        sent: ask.Sent | None = None,
    ) -> Fetched:
        with nullcontext(share) if share else self.share() as held:
            return await self._run(url, self._errand(source, state, held, accept=accept, sent=sent))

    def _errand(self, source: Source, state: PollState, share: Share, *, accept: str, sent: ask.Sent | None) -> _Errand:
        return _Errand(
            source=source,
            state=state,
            accept=accept,
            sent=sent,
            allowed=self._allowed + guard.networks(source.allow_private),
            via=self._way(source),
            home=_origin(_parsed(source.url)) if source.access.secret else None,
            share=share,
        )

    async def _run(self, url: str, errand: _Errand) -> Fetched:
        try:
            async with within(self._deadline):
                return await self._follow(_without_fragment(url), errand)
        except FetchError as error:
            error.hops = errand.way
            raise

    async def _called(self, url: str, errand: _Errand) -> bytes:
        request = self._request(url, errand)
        try:
            answer = await self._answer(request, errand)
            try:
                errand.wait = _asked_to_wait(answer, self._clock())
                self._taken(answer, url, errand)
                if errand.sent:
                    return b""
                encoding, seconds = answer.headers.get("content-encoding", ""), CALL_DEADLINE.total_seconds()
                return await body.head(_pieces(answer), encoding=encoding, most_bytes=CALL_BYTES, timeout_s=seconds)
            finally:
                await answer.aclose()
        except trouble.NETWORK_ERRORS as error:
            raise trouble.explain(error, request.url.host) from error

    def _way(self, source: Source) -> egress.Egress | None:
        name = source.access.via
        if name and name not in self._egresses:
            raise FetchError("refused", f'no egress is named "{name}"', "name it under `egress:`")
        return self._egresses[name] if name else None

    async def _follow(self, url: str, errand: _Errand) -> Fetched:
        """Go from redirect to redirect until a document comes. The validators go along: they are of that document."""
        seen = set[str]()
        while url not in seen:
            if len(seen) > MAX_REDIRECTS:
                raise FetchError("redirects", f"redirects more than {MAX_REDIRECTS} times")
            seen.add(url)
            got = await self._exchange(url, errand)
            if isinstance(got, Fetched):
                return got
            errand.hops.append(got)
            url = got.url
        raise FetchError("redirects", "answers with its own address again and again (redirect loop)")

    async def _exchange(self, url: str, errand: _Errand) -> Fetched | Hop:
        """Ask one address; return what it has, or where it sends us."""
        request = self._request(url, errand)
        try:
            answer = await self._answer(request, errand)
            crash("connected")
            try:
                errand.wait = _longer(errand.wait, _asked_to_wait(answer, self._clock()))
                if answer.status_code in (_REDIRECTS if errand.sent is None else _REDIRECTS - {303}):
                    return Hop(status=answer.status_code, url=_next_url(url, answer, careful=errand.secret))
                if errand.sent is None:
                    return await self._document(answer, url, errand)
                return self._taken(answer, url, errand)
            finally:
                await answer.aclose()
        except trouble.NETWORK_ERRORS as error:
            raise trouble.explain(error, request.url.host) from error

    def _request(self, url: str, errand: _Errand) -> httpx.Request:
        parsed = _parsed(url)
        own = _origin(parsed) == errand.home
        headers = ask.headers(errand.source, errand.state, caller=self._caller, accept=errand.accept, own=own)
        way = {"allowed": errand.allowed, "via": errand.via, "verify": errand.source.access.verify}
        headers.insert(0, (b"Host", parsed.netloc))
        sent = errand.sent
        extensions = {"target": _target(url), "body": sent.body if sent else b"", **way}
        if sent:
            if sent.secret and not _is_private(parsed, errand.allowed):
                raise FetchError("refused", "what is secret is sent over https only")
            headers += [*sent.headers, (b"Content-Length", b"%d" % len(sent.body))]
        method = "POST" if sent else "GET"
        return httpx.Request(method, parsed, headers=headers, stream=_NOTHING, extensions=extensions)

    async def _answer(self, request: httpx.Request, errand: _Errand) -> httpx.Response:
        """Ask; once more in a whole errand when nobody was reached (P14)."""
        try:
            return await self._transport.handle_async_request(request)
        except trouble.NoConnection:
            if errand.retried:
                raise
            errand.retried = True
            return await self._transport.handle_async_request(request)

    async def _document(self, answer: httpx.Response, url: str, errand: _Errand) -> Fetched:
        status, state = answer.status_code, errand.state
        not_modified = status == httpx.codes.NOT_MODIFIED and (state.etag or state.last_modified)
        if not not_modified and (status not in _DOCUMENT or challenge.in_headers(answer.headers)):
            raise await self._refusal(answer, errand)
        got = None if not_modified else await self._body(answer, errand.share)
        return Fetched(
            status=status,
            url=url,
            body=got.data if got else None,
            content_type=(_first(answer, b"content-type") or b"").decode("latin-1"),
            etag=_first(answer, b"etag"),
            last_modified=_first(answer, b"last-modified"),
            retry_after=errand.wait,
            bytes_read=got.bytes_read if got else 0,
            hops=tuple(errand.hops),
            links=tuple(value.decode("latin-1") for name, value in answer.headers.raw if name.lower() == b"link"),
            hints=_asked(answer, self._clock()),
            flaws=got.flaws if got else (),
        )

    @staticmethod
    def _taken(answer: httpx.Response, url: str, errand: _Errand) -> Fetched:
        """Return that what we sent was taken. What else stands in the answer, nobody needs."""
        if not answer.is_success:
            raise trouble.unusable(answer.status_code, errand.wait)
        return Fetched(status=answer.status_code, url=url, body=None, hops=tuple(errand.hops))

    async def _refusal(self, answer: httpx.Response, errand: _Errand) -> FetchError:
        """Return what an answer means that is no document."""
        status, wall = answer.status_code, challenge.in_headers(answer.headers)
        if not wall and status in challenge.STATUSES:
            encoding = answer.headers.get("content-encoding", "")
            wall = challenge.looks_like_wall(
                await body.head(
                    _pieces(answer),
                    encoding=encoding,
                    most_bytes=challenge.HEAD_BYTES,
                    timeout_s=challenge.TIMEOUT_S,
                )
            )
        return trouble.challenged(status, errand.wait) if wall else trouble.unusable(status, errand.wait)

    async def _body(self, answer: httpx.Response, share: Share) -> body.Body:
        got = await body.read(
            _pieces(answer),
            encoding=answer.headers.get("content-encoding", ""),
            length_bytes=int(answer.headers.get("content-length", 0)),
            most_bytes=self._max_body_bytes,
            share=share,
        )
        crash("body-read")
        if not got.data:
            raise FetchError(
                "empty", f"answers {answer.status_code}, but with an empty body", status=answer.status_code
            )
        return got


@dataclass(slots=True, kw_only=True)
class _Errand:
    """One document to be got: on whose behalf, what is allowed, and what has happened on the way."""

    source: Source
    state: PollState
    accept: str
    allowed: tuple[guard.Network, ...]
    via: egress.Egress | None
    sent: ask.Sent | None = None  # None: nothing, a document is asked for
    home: tuple[str, str, int] | None  # the origin that may be told what the person wrote; None: there is nothing
    share: Share
    hops: list[Hop] = field(default_factory=list)
    wait: timedelta | None = None  # the longest that was asked for
    retried: bool = False

    @property
    def way(self) -> tuple[tuple[int, str], ...]:
        """The redirects so far, as an error carries them."""
        return tuple((hop.status, hop.url) for hop in self.hops)

    @property
    def secret(self) -> bool:
        """Whether anything of it must not be read by others on the way."""
        return self.source.access.secret or (self.sent is not None and self.sent.secret)


class Transport(httpx.AsyncBaseTransport):
    """Our own connections in httpx's clothes.

    httpx's own pool looks through all its connections at every request, and its dialler cannot be replaced;
    docs/decisions/0004-light-transport.md has the figures. A request's extensions say what the URL cannot:
    target (the path as it is to be sent), body, allowed (networks), via (Egress), verify.
    """

    def __init__(self, wire: transport.Transport) -> None:
        self._wire = wire

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send it; the response owns the connection."""
        scheme, host, port = _origin(request.url)
        way = request.extensions
        route = transport.Route(
            scheme=scheme, host=host, port=port, allowed=way["allowed"], verify=way["verify"], via=way["via"]
        )
        answer = await self._wire.ask(
            route, way["target"], request.headers.raw, method=request.method, body=way["body"]
        )
        return httpx.Response(answer.status, headers=answer.headers, stream=_Body(answer))

    async def aclose(self) -> None:
        """Close what is idle; asyncio does it at its next turn."""
        self._wire.close()
        await sleep(0)


class _Body(httpx.AsyncByteStream):
    """A body on its way."""

    def __init__(self, answer: transport.Answer) -> None:
        self._answer = answer

    def __aiter__(self) -> AsyncIterator[bytes]:
        return self

    async def __anext__(self) -> bytes:
        piece = await self._answer.read()
        if not piece:
            raise StopAsyncIteration
        return piece

    async def aclose(self) -> None:
        self._answer.close()


def _pieces(answer: httpx.Response) -> AsyncIterator[bytes]:
    """The body as it comes over the wire: httpx would unpack it without a bound."""
    return cast("_Body", answer.stream)


def _public_authorities() -> ssl.SSLContext:
    """Return whom we believe. Raises FetchError where the list of them is missing or broken."""
    try:
        context = httpx.create_ssl_context(trust_env=False)
    except OSError as error:  # ssl.SSLError is one
        problem = (
            f"no certificate can be checked: the list of authorities cannot be read ({error.strerror or 'broken'})"
        )
        raise FetchError("tls", problem, "install the package certifi again") from None
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.set_alpn_protocols(["http/1.1"])
    return context


@lru_cache(maxsize=2048)  # the same addresses are asked all day, and httpx takes 40 us to read one
def _parsed(url: str) -> httpx.URL:
    """Return the URL, or FetchError("refused") when it is none that may be asked. One parser decides who is asked."""
    parts = _PARTS.match(url)
    try:
        parsed = httpx.URL(url)
    except httpx.InvalidURL:
        raise FetchError("refused", "the address is malformed") from None
    if parsed.scheme not in _PORTS:
        raise FetchError("refused", f'an address that begins with "{parsed.scheme[:20]}:" is not on the web')
    if parts and "@" in parts["authority"]:
        raise FetchError("refused", "the address holds a login", "write it as `basic:` of the source instead")
    if parts and "\\" in parts["authority"]:  # a browser reads it as "/", and thus another host than we would
        raise FetchError("refused", "the address is malformed")
    if not parts or not parsed.host or (parsed.port or 0) > _MAX_PORT:
        raise FetchError("refused", "the address names no host, or no port that there is")
    return parsed


def _origin(url: httpx.URL) -> tuple[str, str, int]:
    """Return scheme, host and port (RFC 6454, section 4)."""
    return url.scheme, url.raw_host.decode(), url.port or _PORTS[url.scheme]


def _is_private(url: httpx.URL, allowed: Iterable[guard.Network]) -> bool:
    """Whether nobody on the way can read along: TLS, or an address of ours."""
    return url.scheme == "https" or guard.is_allowed(url.host, allowed)


def _target(url: str) -> bytes:
    """Return path and query as they stand in the URL: httpx would write "{" as "%7B" and fold "/../"."""
    parts = _PARTS.match(url)
    target = ask.visible(parts["target"] if parts else "")
    return (target if target.startswith("/") else f"/{target}").encode()


def _next_url(url: str, answer: httpx.Response, *, careful: bool) -> str:
    """Return where a redirect leads. Many sites write UTF-8 there, some windows-1251, instead of escapes.

    careful  something is secret: whoever could read along and answer in the open shall not lead us away from https
    """
    location = _first(answer, b"location")
    if location is None:
        raise FetchError("redirects", f"answers {answer.status_code}, but does not say where to")
    try:
        text = location.decode()
    except UnicodeDecodeError:
        text = quote(location, safe=punctuation)
    try:
        goal = _without_fragment(urljoin(url, text))
    except ValueError:
        raise FetchError("redirects", "redirects to a malformed address") from None
    if careful and url.lower().startswith("https:") and goal.lower().startswith("http:"):
        raise FetchError("redirects", "redirects from https down to http, which what is secret does not follow")
    return goal


def _without_fragment(url: str) -> str:
    return url.partition("#")[0]


def _asked(answer: httpx.Response, moment: datetime) -> Hints:
    said = answer.headers.get
    return Hints(
        max_age=hints.max_age(said("cache-control"), said("age")),
        expires_in=hints.expires_in(said("expires"), said("date"), moment),
    )


def _asked_to_wait(answer: httpx.Response, moment: datetime) -> timedelta | None:
    value = _first(answer, b"retry-after")
    if value is None or answer.status_code not in _MAY_ASK_TO_WAIT:
        return None
    return hints.retry_after(value.decode("latin-1"), moment)


def _longer(one: timedelta | None, other: timedelta | None) -> timedelta | None:
    return max(filter(None, (one, other)), default=None)


def _first(answer: httpx.Response, name: bytes) -> bytes | None:
    """Return the header's bytes as they came, or None when it is missing or empty."""
    return next((value for key, value in answer.headers.raw if key.lower() == name), None) or None
