"""The record of what was delivered: what is written can be read, whatever else stands in the files."""

from __future__ import annotations

import fcntl
import json
import multiprocessing
import os
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from aggregator.model import Recorded, Withdrawal
from aggregator.pipeline import record

NOON = datetime(2026, 3, 1, 12, 0, 0, 123456, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
STORE = "0badcafe"


def a_line(number=1, **more):
    key = f"{number:016x}"
    facts = {
        "topic": "lake",
        "entry_id": f"tag:feeds.example,2026-03-01:{key}",
        "anchor": key,
        "entered_at": NOON - HOUR,
        "updated": NOON,
        "state": "live",
        "at": NOON,
        "rev": 1,
        "items": (key,),
    } | more
    return Recorded(**facts)


def read(folder, tally=None):
    return list(record.read(record.files(folder, STORE), tally or record.Tally()))


def the_file(folder):
    (path,) = record.files(folder, None)
    return path


def test_lines_come_back_equal(tmp_path):
    lines = [a_line(1), a_line(2, state="absorbed", told=3, into=a_line(1).entry_id, items=(), rev=7)]
    record.keep(tmp_path / "a new folder", STORE, lines)
    lines.append(Withdrawal(item=f"{3:016x}", why="«по решению»", at=NOON))
    record.keep(tmp_path / "a new folder", STORE, lines[2:])
    tally = record.Tally()
    assert read(tmp_path / "a new folder", tally) == lines
    assert (tally.lines, tally.unread) == (3, 0)
    assert tally.bytes_read == the_file(tmp_path / "a new folder").stat().st_size < 900
    assert the_file(tmp_path / "a new folder").stat().st_mode & 0o077 == 0  # private topics stand there, too


def test_nothing_delivered_is_nothing_written(tmp_path):
    record.keep(tmp_path / "never", STORE, [])
    assert not (tmp_path / "never").exists()


@pytest.mark.parametrize("cut", [1, 40, 200])
def test_a_torn_line_costs_itself_alone(tmp_path, cut):
    record.keep(tmp_path, STORE, [a_line(1), a_line(2)])
    os.truncate(the_file(tmp_path), the_file(tmp_path).stat().st_size - cut)
    record.keep(tmp_path, STORE, [a_line(3)])
    tally = record.Tally()
    kept = [a_line(1), a_line(2), a_line(3)] if cut == 1 else [a_line(1), a_line(3)]
    assert read(tmp_path, tally) == kept
    assert tally.unread == 3 - len(kept)


RIGHT = json.loads(record._line(a_line()))


@pytest.mark.parametrize(
    "line",
    [
        pytest.param(b"", id="empty"),
        pytest.param(b"\0\0\0\0", id="zeros that a power cut left"),
        pytest.param(b"\xff\xfe{", id="no text"),
        pytest.param(b"[" * 200_000, id="nested too deep"),
        pytest.param(b"[1]", id="a list"),
        pytest.param(b"null", id="nothing"),
        pytest.param(b'{"v":1}', id="facts are missing"),
        pytest.param(b'{"v":' + b"9" * 5000 + b"}", id="an endless number"),
        pytest.param(b"x" * (record.LONGEST + 5), id="too long"),
        *(
            pytest.param(json.dumps(RIGHT | {name: value}).encode(), id=f"{name}: {value!r}"[:40])
            for name, value in [
                ("v", 2),
                ("rev", "1"),
                ("rev", 1 << 40),
                ("state", "gone"),
                ("told", "3"),
                ("told", 0),
                ("state", ["live"]),
                ("topic", "../lake"),
                ("topic", 7),
                ("entry", "urn:x"),
                ("anchor", "0123"),
                ("entered", "2026-03-01T12:00:00"),
                ("entered", "0001-01-01T00:00:00+14:00"),
                ("updated", None),
                ("into", ""),
                ("items", "0123456789abcdef"),
                ("items", [None]),
                ("items", 3),
            ]
        ),
    ],
)
def test_a_line_that_is_not_ours_is_passed_over(tmp_path, line):
    record.keep(tmp_path, STORE, [a_line(1)])
    with the_file(tmp_path).open("ab") as file:
        file.write(line + b"\n")
    record.keep(tmp_path, STORE, [a_line(2)])
    tally = record.Tally()
    assert read(tmp_path, tally) == [a_line(1), a_line(2)]
    assert (tally.unread > 0) == bool(line)


def test_a_file_that_another_process_writes_is_left_to_it(tmp_path):
    record.keep(tmp_path, STORE, [a_line(1)])
    with the_file(tmp_path).open("ab") as other:
        fcntl.flock(other, fcntl.LOCK_EX)
        record.keep(tmp_path, STORE, [a_line(2, at=NOON + HOUR)])
    assert len(record.files(tmp_path, STORE)) == 2
    record.keep(tmp_path, STORE, [a_line(3, at=NOON + 2 * HOUR)])
    assert len(record.files(tmp_path, STORE)) == 2
    assert [one.anchor[-1] for one in read(tmp_path)] == ["1", "2", "3"]


def test_writers_at_once_lose_and_mix_nothing(tmp_path):
    context = multiprocessing.get_context("spawn")
    writers = [context.Process(target=write_many, args=(tmp_path, number)) for number in (1, 2)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join(60)
    tally = record.Tally()
    assert {one.rev for one in read(tmp_path, tally)} == {100 * number + n for number in (1, 2) for n in range(1, 51)}
    assert (tally.lines, tally.unread) == (100, 0)


def write_many(folder, number):
    for n in range(1, 51):
        record.keep(folder, STORE, [a_line(number, rev=100 * number + n)])


def test_files_are_read_in_the_order_in_which_their_lines_were_written(tmp_path):
    for number, moment in enumerate((NOON, NOON + 31 * DAY, NOON - DAY, NOON + 31 * DAY - HOUR), start=1):
        record.keep(tmp_path, STORE, [a_line(number, at=moment)])
    # the third stands behind the first, and the fourth behind the second: a clock that went back changes no order
    assert [one.anchor[-1] for one in read(tmp_path)] == ["3", "1", "2", "4"]


def test_the_record_of_another_store_is_not_ours(tmp_path):
    record.keep(tmp_path, STORE, [a_line(1)])
    record.keep(tmp_path, "deadbeef", [a_line(2)])
    (tmp_path / "delivered-news.jsonl").write_text("a person's own file")
    assert read(tmp_path) == [a_line(1)]
    assert len(record.files(tmp_path, None)) == 2


def test_the_oldest_months_go_when_a_new_one_begins(tmp_path):
    for month in range(16):
        at = datetime(2026 + month // 12, month % 12 + 1, 1, tzinfo=UTC)
        record.keep(tmp_path, STORE, [a_line(month, at=at)])
    months = [path.name.split("-", 2)[2][:7] for path in record.files(tmp_path, STORE)]
    assert (months[0], months[-1], len(months)) == ("2026-04", "2027-04", record.MONTHS)


def test_a_clock_that_jumps_ahead_costs_one_month_at_most(tmp_path):
    for month in range(1, 13):
        record.keep(tmp_path, STORE, [a_line(month, at=datetime(2026, month, 1, tzinfo=UTC))])
    record.keep(tmp_path, STORE, [a_line(1, at=datetime(2099, 1, 1, tzinfo=UTC))])
    record.keep(tmp_path, STORE, [a_line(1, at=datetime(2027, 1, 1, tzinfo=UTC))])
    assert len(record.files(tmp_path, STORE)) == record.MONTHS


def test_what_enters_without_a_row_of_its_own_is_recorded_too(publication):
    row, silent, apart = publication
    lines = record.recorded([row], {"a": row.entry_id, "b": silent.entry_id}, [silent, apart], NOON)
    assert [(one.entry_id, one.items) for one in lines] == [(row.entry_id, ("a",)), (silent.entry_id, ("b",))]
    assert {one.at for one in lines} == {NOON}


@pytest.fixture
def publication():
    """Three rows of a ledger."""
    from aggregator.model import Delivery, Face, Origin

    face = Face(
        title="Паром",
        link=None,
        published=NOON,
        authors=(),
        categories=(),
        summary="",
        content="",
        enclosures=(),
        language=None,
        comments=None,
        origin=Origin(source="ozero", title="Озеро", url="https://ozero.example/rss"),
    )
    one = a_line()
    facts = {name: getattr(one, name) for name in ("topic", "anchor", "entered_at", "updated", "state", "rev")}
    row = Delivery(entry_id=one.entry_id, story=None, face=face, sha256=b"", **facts)
    return row, replace(row, entry_id=a_line(2).entry_id, state="aged"), replace(row, entry_id=a_line(3).entry_id)
