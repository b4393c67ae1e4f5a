"""How often a source is asked: P07, P13, P28, P30."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from itertools import count, pairwise
from pathlib import Path
from tempfile import TemporaryDirectory

from aggregator import config
from aggregator.errors import ConfigError
from aggregator.lab.origin import Document
from aggregator.lab.score.feeds import rss
from aggregator.lab.score.world import Publisher, World, expect
from aggregator.model import CEILING, FLOOR, PollOutcome, PollRule, Source
from aggregator.schedule.words import spoken
from aggregator.store import sources

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
REFUSED = 5  # times in a row
YAML = "sources: {{often: {{url: '{url}', allow_private: [127.0.0.0/8], poll: {{every: 5m{more}}}}}}}\n"


def _gaps(publisher: Publisher) -> list[timedelta]:
    """Return the time between the requests, by the publisher's clock."""
    return [later.at - earlier.at for earlier, later in pairwise(publisher.requests)]


async def floor(world: World) -> str:
    """P07."""
    publisher = world.publisher()
    source = await world.subscribe(publisher, poll=PollRule(eager=1000))
    for number in range(12):
        publisher.serves(Document(body=rss(number, number + 1), etag=b'"%d"' % number))
        await world.poll(source)
    least = min(_gaps(publisher))
    expect(least >= FLOOR, f"a feed with something new each time is asked every {spoken(least)}")
    often = await _agreed(world)
    await _remembered(world, source)
    return (
        f"something new each time: every {spoken(least)} at most; {spoken(often)} only with `under_floor: true`; the "
        "due time survives 3 restarts, a reload and an upgrade"
    )


async def _agreed(world: World) -> timedelta:
    """See that the configuration refuses less than the floor, unless it says that the publisher agrees."""
    publisher = world.publisher()
    with TemporaryDirectory(prefix="aggregator-score-") as name:
        folder = Path(name)
        (folder / "aggregator.yaml").write_text("{}\n", "utf-8")
        (folder / "topics.yaml").write_text("topics: {all: {title: Усе, match: 'age:<7d'}}\n", "utf-8")
        file = folder / "sources.yaml"
        file.write_text(YAML.format(url=publisher.url, more=""), "utf-8")
        try:
            config.load(folder, env={})
        except ConfigError as error:
            expect("floor" in str(error), f"`every: 5m` is refused, but says only: {error}")
        else:
            expect(False, "`every: 5m` is accepted without `under_floor`")
        file.write_text(YAML.format(url=publisher.url, more=", under_floor: true"), "utf-8")
        (source,) = config.load(folder, env={}).sources.values()
    await world.configure(source)
    await world.polls(source, 4)
    least = min(_gaps(publisher))
    expect(5 * MINUTE <= least < FLOOR, f"with under_floor and `every: 5m` it is asked after {spoken(least)}")
    return least


async def _remembered(world: World, source: Source) -> None:
    """See that whatever happens to the process, a source is not asked before it is due."""
    await world.configure(source)
    await world.poll(source)
    due = (await world.row(source)).state.next_poll_at
    for happens in ("restart", "restart", "reload", "upgrade", "restart"):
        world.now += MINUTE
        if happens == "restart":
            await world.restart()
        elif happens == "upgrade":
            await world.upgrade()
        else:
            await world.configure(replace(source, title="Вестник"))
        await world.wake()
        now_due = (await world.row(source)).state.next_poll_at
        expect(now_due == due, f"a {happens} moves the next poll from {due} to {now_due}")
        expect(not await world.claims(only=[source.id]), f"a {happens} makes it due")


async def unwelcome(world: World) -> str:
    """P13."""
    told = [f"{status}: {await _refused(world, status)}" for status in (403, 429)]
    return "; ".join(told)


async def _refused(world: World, status: int) -> str:
    """Refuse some sources several times in a row, then let them in again."""
    pauses: list[list[timedelta]] = [[] for _ in range(REFUSED)]
    steps: list[int] = []
    for _ in range(4):
        publisher = world.publisher()
        source = await world.subscribe(publisher, poll=PollRule(eager=1000))
        await world.poll(source)
        publisher.says(status)
        outcomes = await world.polls(source, REFUSED)
        publisher.serves(Document(body=rss(1), etag=b'"1"'))
        for so_many, outcome in zip(pauses, outcomes, strict=True):
            so_many.append(outcome.due.at - outcome.at)
        steps.append(await _step_by_step(world, source, outcomes))
    shortest, longest = min(map(min, pauses)), max(map(max, pauses))
    expect(shortest >= 4 * HOUR, f"{status}: asked again after {spoken(shortest)}")
    expect(longest <= DAY, f"{status}: silent for {spoken(longest)}")
    first, last = max(pauses[0]), sum(pauses[-1], timedelta()) / len(pauses[-1])
    expect(first <= 4.5 * HOUR, f"{status}: the first pause is {spoken(first)} already")
    expect(last > 1.5 * first, f"{status}: after {REFUSED} refusals in a row still every {spoken(last)}")
    return f"{spoken(shortest)} to {spoken(longest)}, then back in {max(steps)} steps at most"


async def _step_by_step(world: World, source: Source, refusals: Sequence[PollOutcome]) -> int:
    """See that after refusals no pause is less than half of the one before; return how many until it is our own."""
    taught = max(outcome.due.at - outcome.at for outcome in refusals)
    for steps in count():
        taught /= 2
        outcome = await world.poll(source)
        pause = outcome.due.at - outcome.at
        if taught < 2 * FLOOR:  # nearly our own pace: what is left of it is forgotten
            expect(pause <= 3 * FLOOR, f"well again for long, and asked only after {spoken(pause)}")
            return steps
        expect(pause >= taught, f"well again after {spoken(taught * 2)}, and asked after {spoken(pause)} already")
    raise AssertionError


async def with_the_feed(world: World) -> str:
    """P28."""
    publisher = world.publisher()
    source = await world.subscribe(publisher)
    began, ends = world.now, world.now + 90 * DAY
    while world.now < began + DAY:
        newest = (world.now - began) // (4 * HOUR)
        publisher.serves(Document(body=rss(*range(newest, newest + 10)), etag=b'"%d"' % newest))
        await world.poll(source)
    alive = len(publisher.requests)
    await world.live(source, ends - world.now)
    gaps = _gaps(publisher)
    expect(min(gaps) >= FLOOR, f"asked again after {spoken(min(gaps))}")
    expect(max(gaps) <= CEILING, f"silent for {spoken(max(gaps))}")
    late = [request for request in publisher.requests if request.at > ends - 14 * DAY]
    expect(len(late) <= 16, f"dead for two months, and asked {len(late)} times in 14 days")  # noqa: PLR2004 - one a day
    expect(len(late) >= 13, f"asked {len(late)} times in its last 14 days")  # noqa: PLR2004
    return (
        f"{alive} requests a day to a feed that brings something every 4 h, {len(late)} in the last 14 of 89 days "
        f"after it has died; never within {spoken(min(gaps))}"
    )


async def gaps(world: World) -> str:
    """P30."""
    usual, _ = await _after(world, known=True)
    halved, lost = await _after(world, known=False)
    share = halved / usual
    expect(0.4 <= share <= 0.6, f"after a gap asked every {spoken(halved)}, otherwise every {spoken(usual)}")  # noqa: PLR2004
    expect("document-gap" in lost, f"nothing known was left in a document, and its flaws are {sorted(lost)}")
    walked = await _walked(world)
    least, _ = await _after(world, known=False, rule=PollRule(eager=1000))
    expect(least >= FLOOR, f"after a gap asked every {spoken(least)}")
    return f"a document with nothing known is flagged and halves {spoken(usual)} to {spoken(halved)}; {walked}"


async def _after(world: World, *, known: bool, rule: PollRule | None = None) -> tuple[timedelta, set[str]]:
    """Return the pause after something new, with what was known beside it or not, and the flaws that are told."""
    publisher = world.publisher()
    source = await world.subscribe(publisher, poll=rule or PollRule())
    await world.poll(source)
    publisher.serves(Document(body=rss(*((1, 2) if known else (2,))), etag=b'"2"'))
    outcome = await world.poll(source)
    pause = (await world.poll(source)).at - outcome.at
    return pause, {flaw.code for flaw in await world.read(sources.flaws_of, source.id)}


async def _walked(world: World) -> str:
    """See that the archives that a document names are asked for what was missed, as far as to what is known."""
    publisher = world.publisher()
    publisher.serves(Document(body=rss(*range(5)), etag=b'"1"'))
    source = await world.subscribe(publisher)
    await world.polls(source, 2)
    for page, news in enumerate((range(15, 20), range(10, 15), range(3, 10), range(3))):
        previous = f'<atom:link rel="prev-archive" href="{publisher.at(f"/archive/{page + 1}.xml")}"/>'
        document = Document(body=rss(*news, inside=previous), etag=b'"2"')
        publisher.serves(document) if page == 0 else publisher.also(f"/archive/{page}.xml", document)
    before = len(publisher.requests)
    outcome = await world.poll(source)
    asked = [request.target.decode() for request in publisher.requests[before + 1 :]]
    expect(asked == ["/archive/1.xml", "/archive/2.xml"], f"after a gap {asked} are asked for")
    new = sum(change.kind == "new" for change in outcome.changes)
    expect(new == 15, f"after a gap {new} items instead of 15 are found")  # noqa: PLR2004 - 5 to 19
    await world.poll(source)
    expect(len(publisher.requests) == before + 4, "archives are asked for again without a gap")
    return f"its archives are asked for, {len(asked)} pages back to what was known"
