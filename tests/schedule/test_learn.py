"""What answers teach of a source; when its silence is no accident."""

from __future__ import annotations

import json
import random
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from aggregator.model import Hints, Look, Rhythm
from aggregator.model.rhythm import from_plain, to_plain
from aggregator.schedule import expected, learn, quiet_at
from aggregator.schedule.learning import appeared
from aggregator.schedule.rate import level_of

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


def document(*, count=20, apart=HOUR, now=NOON) -> tuple[datetime, ...]:
    return tuple(now - n * apart for n in range(count))


def contact(now=NOON, **more) -> Rhythm:
    items = document(now=now, **more)
    return learn(Rhythm(), Look(first=True, new=items, document=items, bytes_read=20_000), now)


def fed(rhythm: Rhythm, *, a_day: float, days: float, now=NOON, every=HOUR, seed=7) -> tuple[Rhythm, datetime]:
    """Return what is learned of a source that goes on so, polled so often, and when that was."""
    rng, end = random.Random(seed), now + days * DAY
    next_item = now + rng.expovariate(a_day) * DAY
    while now < end:
        now += every
        new = []
        while next_item <= now:
            new.append(next_item)
            next_item += rng.expovariate(a_day) * DAY
        rhythm = learn(rhythm, Look(new=tuple(new), document=tuple(new) if new else None), now)
    return rhythm, now


def test_the_first_document_counts_as_history():
    assert level_of(contact(apart=HOUR)) == pytest.approx(24, rel=0.15)
    assert level_of(contact(apart=DAY)) == pytest.approx(1, rel=0.3)


def test_a_source_that_was_polled_before_anything_was_learned_shows_its_history_too():
    rhythm = learn(Rhythm(), Look(document=document(), new=document(count=1)), NOON)
    assert level_of(rhythm) == level_of(contact())


def test_a_document_of_a_dead_source_says_that_it_is_dead():
    assert level_of(contact(apart=MINUTE, now=NOON - 400 * DAY)) > 100
    old = document(now=NOON - 400 * DAY)
    assert level_of(learn(Rhythm(), Look(first=True, new=old, document=old), NOON)) < 0.1


def test_a_document_without_dates_teaches_nothing_yet():
    undated = (None,) * 20
    rhythm = learn(Rhythm(), Look(first=True, new=undated, document=undated), NOON)
    assert level_of(rhythm) == pytest.approx(4)
    assert rhythm.last_item_at is None


@pytest.mark.parametrize("a_day", [1, 10, 100])
def test_the_level_becomes_the_rate_and_follows_it(a_day):
    rhythm, now = fed(contact(apart=6 * HOUR), a_day=a_day, days=60)
    assert level_of(rhythm) == pytest.approx(a_day, rel=0.4)
    assert expected(rhythm, now, now + 7 * DAY) == pytest.approx(7 * a_day, rel=0.4)


def test_the_hours_in_which_it_publishes_are_learned():
    rhythm, now = contact(), NOON
    for _ in range(30):
        midnight = now.replace(hour=0) + DAY
        morning = tuple(midnight + 8 * HOUR + n * MINUTE for n in range(10))
        now = midnight + 12 * HOUR
        rhythm = learn(rhythm, Look(new=morning, document=morning), now)
    day = now.replace(hour=0) + DAY
    assert expected(rhythm, day + 8 * HOUR, day + 9 * HOUR) > 10 * expected(rhythm, day + 20 * HOUR, day + 21 * HOUR)


def test_a_known_zone_gives_the_usual_day_before_the_source_has_shown_its_own():
    rhythm = contact(count=3)
    night = datetime(2026, 3, 3, 1, 0, tzinfo=UTC)  # 10 in the morning in Tokyo, 2 at night in Berlin
    tokyo, berlin = (expected(rhythm, night, night + HOUR, zone=zone) for zone in ("Asia/Tokyo", "Europe/Berlin"))
    assert tokyo > 2 * berlin


@pytest.mark.parametrize(
    ("published", "found"),
    [
        pytest.param(NOON - 20 * MINUTE, NOON - 20 * MINUTE, id="between the polls"),
        pytest.param(NOON - 3 * HOUR, NOON - HOUR / 2, id="before the last poll, which did not show it"),
        pytest.param(NOON + 3 * HOUR, NOON - HOUR / 2, id="in the future"),
        pytest.param(None, NOON - HOUR / 2, id="without a date"),
    ],
)
def test_an_item_is_taken_to_have_appeared_when_it_says_or_in_the_middle(published, found):
    assert appeared(published, NOON - HOUR, NOON) == found


def test_more_than_chance_explains_is_a_burst_and_a_burst_fades():
    rhythm = replace(contact(apart=6 * HOUR), at=NOON)
    many = tuple(NOON + n * 12 * MINUTE for n in range(5))
    burst = learn(rhythm, Look(new=many, document=many), NOON + HOUR)
    assert burst.burst == 2
    assert expected(burst, NOON + HOUR, NOON + 2 * HOUR) > expected(rhythm, NOON + HOUR, NOON + 2 * HOUR)
    later = learn(burst, Look(), NOON + 2 * DAY)
    assert later.burst == 1


def test_a_batch_is_one_event_and_no_burst():
    rhythm = contact(apart=6 * HOUR)
    batch = (NOON + HOUR,) * 9
    assert learn(rhythm, Look(new=batch, document=batch), NOON + HOUR).burst == 1


def test_the_fastest_turnover_is_remembered_and_slowly_forgotten():
    fast = document(count=20, apart=6 * MINUTE)
    rhythm = learn(contact(apart=HOUR), Look(document=fast), NOON + MINUTE)
    assert rhythm.turnover == pytest.approx(2 * HOUR, abs=10 * MINUTE)
    later = learn(rhythm, Look(), NOON + 30 * DAY)
    assert later.turnover == pytest.approx(4 * HOUR, abs=20 * MINUTE)


def test_a_document_of_one_batch_shows_no_turnover():
    assert contact(apart=timedelta(0)).turnover is None


def test_a_gap_is_flagged_until_a_document_joins_again():
    rhythm = learn(contact(), Look(new=document(), document=document(), gap=True), NOON + HOUR)
    assert rhythm.gap
    assert learn(rhythm, Look(bytes_read=300), NOON + 2 * HOUR).gap
    assert not learn(rhythm, Look(document=document()), NOON + 2 * HOUR).gap


def test_hints_of_a_feed_are_kept_over_answers_without_one():
    rhythm = learn(contact(), Look(document=document(), hints=Hints(ttl=HOUR, max_age=MINUTE)), NOON)
    rhythm = learn(rhythm, Look(hints=Hints(max_age=2 * MINUTE)), NOON + HOUR)
    assert rhythm.hints == Hints(ttl=HOUR, max_age=2 * MINUTE)
    rhythm = learn(rhythm, Look(), NOON + 2 * HOUR)
    assert rhythm.hints == Hints(ttl=HOUR, max_age=2 * MINUTE)
    assert learn(rhythm, Look(document=document()), NOON + 3 * HOUR).hints == Hints()


def test_a_rhythm_travels_as_json_and_is_small():
    rhythm, _ = fed(contact(), a_day=40, days=20)
    hints = Hints(ttl=HOUR, skip_hours=frozenset({1, 2}))
    rhythm = replace(rhythm, hints=hints, burst=2.0, burst_at=NOON, refused=HOUR, turnover=HOUR)
    text = json.dumps(to_plain(rhythm))
    back = from_plain(json.loads(text))
    assert len(text) < 1000
    assert (back.hints, back.burst_at, back.refused) == (hints, NOON, HOUR)
    assert to_plain(back) == to_plain(rhythm)
    assert level_of(back) == pytest.approx(level_of(rhythm), rel=0.01)
    assert from_plain({"unheard_of": 1}) == Rhythm() == from_plain({})
    assert to_plain(Rhythm()) == {}


def test_what_a_hub_brings_is_learned_as_if_a_poll_had_found_it():
    polled, pushed = (learn(contact(), Look(new=(NOON,), bytes_read=read), NOON + HOUR) for read in (9000, None))
    assert replace(pushed, bytes_a_poll=polled.bytes_a_poll) == polled
    assert pushed.bytes_a_poll == contact().bytes_a_poll


def steady_day(rng: random.Random) -> list[float]:
    """Return how busy each hour is, 1 at most."""
    start, length, night = rng.randrange(24), rng.randint(8, 24), rng.uniform(0.1, 0.5)
    return [1.0 if (hour - start) % 24 < length else night for hour in range(24)]


@pytest.mark.parametrize("seed", range(100))
def test_a_source_that_freezes_is_called_quiet_when_the_model_says_and_not_before(seed):
    rng = random.Random(seed)
    a_day, day = rng.choice((2, 5, 12, 30, 80)), steady_day(rng)
    now, rhythm = NOON, contact(apart=6 * HOUR)
    while now < NOON + 40 * DAY:
        after, new = now + rng.uniform(1, 3) * HOUR, []
        while (now := now + rng.expovariate(a_day) * DAY) < after:
            if rng.random() < day[now.hour]:
                new.append(now)
        now = after
        assert not quiet(rhythm, (new or [after])[0]) or quiet_at(rhythm) <= (new or [after])[0]
        rhythm = learn(rhythm, Look(new=tuple(new), document=tuple(new) if new else None), now)
    predicted, last = quiet_at(rhythm), rhythm.last_item_at
    fair = 6.9 / (a_day * sum(day) / 24)  # days of silence at the true rate
    assert 0.3 * fair <= (predicted - last) / DAY <= 4 * fair + 1
    while not quiet(rhythm, now):
        assert now < predicted + 3 * HOUR
        now += 2 * HOUR
        rhythm = learn(rhythm, Look(bytes_read=300), now)
    assert now >= predicted - 6 * HOUR


def quiet(rhythm, now):
    since = quiet_at(rhythm)
    return since is not None and since <= now


def test_an_active_source_is_seldom_called_quiet():
    alarms = looks = 0
    for seed in range(40):
        rng = random.Random(seed)
        rhythm, now, next_item = contact(apart=2 * HOUR), NOON, NOON
        for _ in range(400):
            now += HOUR
            new = []
            while next_item <= now:
                new.append(next_item)
                next_item += rng.expovariate(12) * DAY
            alarms += quiet(rhythm, now)
            looks += 1
            rhythm = learn(rhythm, Look(new=tuple(new), document=tuple(new) if new else None), now)
    assert alarms / looks < 0.002


def test_a_weekly_digest_is_not_quiet_between_two_issues():
    rhythm, now = contact(count=8, apart=7 * DAY), NOON
    for _ in range(10):
        for _ in range(7):
            now += DAY
            assert not quiet(rhythm, now)
            rhythm = learn(rhythm, Look(), now)
        issue = (now,) * 10
        rhythm = learn(rhythm, Look(new=issue, document=issue), now)


def test_a_source_without_items_is_never_quiet():
    assert quiet_at(Rhythm()) is None
    assert not quiet(Rhythm(), NOON)
