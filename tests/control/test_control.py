"""A command asks the daemon through the socket beside the store."""

from __future__ import annotations

import asyncio
import stat

import pytest

from aggregator import control


async def echo(request):
    for number in range(request["times"]):
        yield {"number": number, "said": request["say"]}


async def asked(path, request):
    return await asyncio.to_thread(lambda: list(control.ask(path, request)))


@pytest.mark.parametrize("depth", [1, 12], ids=["short path", "a path longer than a socket address may be"])
async def test_answers_come_line_by_line_whatever_the_path(tmp_path, depth):
    folder = tmp_path.joinpath(*["a-long-folder-name"] * depth)
    folder.mkdir(parents=True)
    path = control.socket_of(folder / "news.db")
    async with control.listen(path, echo):
        answers = await asked(path, {"times": 3, "say": "Донбасс"})
    assert answers == [{"number": n, "said": "Донбасс"} for n in range(3)]


async def test_the_socket_is_the_owners_alone_and_goes_away(tmp_path):
    path = tmp_path / "s"
    async with control.listen(path, echo):
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert not path.exists()


async def test_a_socket_left_by_a_killed_daemon_is_replaced(tmp_path):
    path = tmp_path / "s"
    path.touch()
    async with control.listen(path, echo):
        assert len(await asked(path, {"times": 1, "say": ""})) == 1


async def test_nobody_listening_is_an_oserror(tmp_path):
    with pytest.raises(OSError, match="No such file"):
        await asked(tmp_path / "s", {})


async def test_a_request_that_is_no_json_ends_the_connection_and_nothing_else(tmp_path):
    path = tmp_path / "s"
    async with control.listen(path, echo):
        reader, writer = await asyncio.open_unix_connection(str(path))
        writer.write(b"not json\n")
        assert await reader.read() == b""
        writer.close()
        await writer.wait_closed()
        assert len(await asked(path, {"times": 1, "say": ""})) == 1
