"""When files change, whichever way: real files, and the kernel that tells of them."""

from __future__ import annotations

import asyncio
import os
from contextlib import aclosing, asynccontextmanager

import pytest

from aggregator.oversight.files import LOOK_S, QUIET_S, changes

PATIENCE_S = 30.0
MORE = QUIET_S + LOOK_S  # after so long anything that is to be seen has been


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "sources.d").mkdir()
    (tmp_path / "sources.yaml").write_text("sources: {}")
    return tmp_path


@asynccontextmanager
async def watching(folder):
    """Count the wake-ups."""
    stop, seen = asyncio.Event(), asyncio.Queue()

    async def count():
        async with aclosing(changes(lambda: (folder, folder / "sources.d"), stop)) as told:
            async for _ in told:
                seen.put_nowait(None)

    task = asyncio.create_task(count())
    await asyncio.sleep(0.3)  # until the kernel has been asked; what is too early is seen later, by looking
    yield seen
    stop.set()
    await asyncio.wait_for(task, PATIENCE_S)


def write(folder):
    (folder / "sources.yaml").write_text("sources: {mayak: {}}")


def rename_into_place(folder):
    (folder / ".sources.yaml.swp").write_text("sources: {mayak: {}}")
    (folder / ".sources.yaml.swp").rename(folder / "sources.yaml")


def save_with_a_backup(folder):
    (folder / "sources.yaml").rename(folder / "sources.yaml~")
    (folder / "sources.yaml").write_text("sources: {mayak: {}}")


def add_a_file(folder):
    (folder / "sources.d/mayak.yaml").write_text("sources: {mayak: {}}")


def remove(folder):
    (folder / "sources.yaml").unlink()


def take_the_rights(folder):
    (folder / "sources.yaml").chmod(0)


def replace_the_folder(folder):
    other = folder.with_name("other.d")
    other.mkdir()
    (other / "mayak.yaml").write_text("sources: {mayak: {}}")
    (folder / "sources.d").rmdir()
    other.rename(folder / "sources.d")


@pytest.mark.parametrize(
    "change",
    [write, rename_into_place, save_with_a_backup, add_a_file, remove, take_the_rights, replace_the_folder],
    ids=lambda change: change.__name__.replace("_", " "),
)
async def test_every_way_to_change_a_file_is_seen(folder, change):
    async with watching(folder) as seen:
        change(folder)
        await asyncio.wait_for(seen.get(), PATIENCE_S)


async def test_a_link_that_points_elsewhere_is_seen(tmp_path):
    """As a ConfigMap of Kubernetes is changed: the files are links through a link that is replaced."""
    for number in (1, 2):
        (tmp_path / f"..{number}").mkdir()
        (tmp_path / f"..{number}/sources.yaml").write_text("sources: {}")
    (tmp_path / "..data").symlink_to("..1")
    (tmp_path / "sources.yaml").symlink_to("..data/sources.yaml")
    async with watching(tmp_path) as seen:
        (tmp_path / "..data_tmp").symlink_to("..2")
        (tmp_path / "..data_tmp").rename(tmp_path / "..data")
        await asyncio.wait_for(seen.get(), PATIENCE_S)


async def test_what_is_none_of_ours_wakes_nobody(folder):
    async with watching(folder) as seen:
        for number in range(20):
            (folder / "news.db-wal").write_text(str(number))
            await asyncio.sleep(0.01)
        os.utime(folder / "sources.yaml", (1, 1))  # something that is seen, so that there is an end to wait for
        await asyncio.wait_for(seen.get(), PATIENCE_S)
        assert seen.empty()


@pytest.mark.fault("F28")
async def test_a_storm_of_writes_is_one_change_once_it_is_over(folder):
    async with watching(folder) as seen:
        for number in range(200):
            (folder / "sources.yaml").write_text(f"sources: {{}} # {number}")
            await asyncio.sleep(0.01)
        assert seen.qsize() <= 1  # a machine that is busy may let one through
        await asyncio.wait_for(seen.get(), PATIENCE_S)
        await asyncio.sleep(2 * QUIET_S)
        assert seen.empty()
