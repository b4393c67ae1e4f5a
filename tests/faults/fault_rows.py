"""The fault matrix: what can go wrong, and what must be true then.

A row is shown by tests that carry it, `@pytest.mark.fault("F10")`, wherever they stand; or it says why it cannot be.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One fault.

    cannot  why no test here can bring it about, or a part of it; what is not shown yet
    """

    fault: str
    expected: str
    cannot: str = ""


ROWS: dict[str, Row] = {
    "F01": Row(
        fault="kill -9 at each named point of a poll, of curating, of publishing and of telling hubs",
        expected="nothing lost, nothing twice; what was not committed is asked for again with the old validators",
    ),
    "F02": Row(
        fault="kill -9 at any moment, under load, SQLite",
        expected="as F01; 200 deaths in `make soak`",
    ),
    "F03": Row(
        fault="one of several daemons on one PostgreSQL is killed",
        expected="its sources are polled by the others when its claims have run out; nothing twice",
    ),
    "F04": Row(
        fault="a daemon is frozen for longer than its claims last, and goes on",
        expected="what it still writes is refused by the fence, and counted",
    ),
    "F05": Row(
        fault="PostgreSQL is killed in the middle of polls, and started again",
        expected="readers keep the last documents; polling goes on by itself",
    ),
    "F06": Row(
        fault="every connection with PostgreSQL is cut",
        expected="one more try; no reader notices",
    ),
    "F07": Row(
        fault="PostgreSQL is not there at the start, or away for minutes",
        expected="alive but not ready until it is there; ended only where waiting cannot help (login, schema)",
    ),
    "F08": Row(
        fault="another process holds the SQLite file for half a minute",
        expected="polls wait and are tried again, nothing is lost, readers are served from memory",
    ),
    "F09": Row(
        fault="somebody reads for an hour, so the WAL cannot be moved into the file",
        expected="writing goes on; the growth is told",
    ),
    "F10": Row(
        fault="the disk of the database is full",
        expected="rolled back, polling rests, readers are served; it goes on when there is room; no damage",
    ),
    "F11": Row(
        fault="the disk of the log or of the exported folder is full",
        expected="the daemon lives; what was exported before stays whole",
    ),
    "F12": Row(
        fault="the database or its folder may not be written",
        expected="no start, one line that says why, exit code 78",
    ),
    "F13": Row(
        fault="the database is damaged, cut short, or has lost its WAL",
        expected="seen at the start, refused, and the way to a backup said; the backup works",
    ),
    "F14": Row(
        fault="a schema from a newer version; an upgrade that is killed half-way",
        expected="refused; or gone on with at the next start",
    ),
    "F15": Row(
        fault="two daemons on one SQLite file",
        expected="the second ends with code 75 and names the first",
    ),
    "F16": Row(
        fault="the clock jumps by an hour or a year, either way; the machine sleeps for hours",
        expected="no storm, no source polled twice for it, none stands still",
    ),
    "F17": Row(
        fault="the event loop stands for seconds",
        expected="no tick is lost; the watchdog is fed and the delay told",
    ),
    "F18": Row(
        fault="one source takes the connection and never says a word",
        expected="its deadline ends it; the others are polled on time",
    ),
    "F19": Row(
        fault="every source of one host hangs",
        expected="one asks for all, ever later, and all are asked when it answers; other hosts notice nothing",
    ),
    "F20": Row(
        fault="every source is down for hours and comes back",
        expected="ever longer pauses up to a bound, spread by chance; no burst when they are back",
    ),
    "F21": Row(
        fault="names do not exist, name servers do not answer, answer slowly, or now and then",
        expected="told apart; threads are bounded, and nothing but the slow names waits",
    ),
    "F22": Row(
        fault="a document crashes the parser: abort, recursion, memory, endless work",
        expected="another parser takes its place; its source waits an hour, then ever longer; its bytes are kept",
    ),
    "F23": Row(
        fault="an item that cannot be rendered stands in the database already",
        expected="its topic is published without it, and that is counted",
    ),
    "F24": Row(
        fault="a document of 50 MB, one of 100,000 items",
        expected="refused, or cut with a flaw; memory stays bounded, the others are polled as before",
    ),
    "F25": Row(
        fault="servers that use ETag, Last-Modified and 304 wrongly",
        expected="items right; validators never from a failure; the same bytes are not read twice",
    ),
    "F26": Row(
        fault="a source answers 200, 500, 429, 410, 301 in turns",
        expected="after each answer exactly the state, the pause and the address that belong to it",
    ),
    "F27": Row(
        fault="the configuration is replaced by one that is wrong, empty, half written or unreadable",
        expected="the last good one stays in force, the place of the mistake is told; a mended file is taken over",
    ),
    "F28": Row(
        fault="the configuration is written a hundred times a second, renamed over, swapped by a link",
        expected="the last state wins, no source is lost",
    ),
    "F29": Row(
        fault="a source or a topic leaves the configuration while it is polled or published",
        expected="its poll is thrown away or stored once; no crash; the topic answers 410 or 404",
    ),
    "F30": Row(
        fault="SIGTERM and SIGINT at any moment, also twice",
        expected="over within ten seconds, exit code 0, claims given back; the second ends it at once",
    ),
    "F31": Row(
        fault="memory runs out: a parser, or the daemon itself, is killed or gets no more",
        expected="another parser; a daemon that lives on, or dies and starts again as in F01",
    ),
    "F32": Row(
        fault="file descriptors run out",
        expected="no busy loop, no crash; readers and polls go on when there are some again",
    ),
    "F33": Row(
        fault="no process and no thread can be started",
        expected="polls fail and say why, nothing is parsed in the daemon itself; it goes on when they can",
    ),
    "F34": Row(
        fault="50,000 polls (virtual time)",
        expected="memory grows by less than 1 MB per 10,000; descriptors and tasks stay as many",
        cannot="seen so far: 4 MB per 10,000 between the 10,000th and the 16,000th poll, falling; the long form has "
        "not been run to its end yet",
    ),
    "F35": Row(
        fault="old items are removed while polls and readers go on; one of them appears again",
        expected="it stays away; nobody waits long",
    ),
    "F36": Row(
        fault="hundreds of readers at once, and some that read or ask byte by byte, while polls go on",
        expected="answers stay quick, polls on time; the slow ones are let go",
    ),
    "F37": Row(
        fault="a topic cannot be published by a fault of ours",
        expected="its readers keep the last good documents, the fault is told and counted; other topics go on",
    ),
    "F38": Row(
        fault="a hub is down, slow or wrong; a callback cannot be reached; a lease runs out",
        expected="tried again with ever longer pauses, for a day; leases are renewed in time; polling goes on",
    ),
    "F39": Row(
        fault="the same news comes by a hub and by a poll at once, or by two daemons",
        expected="stored once, in each topic once",
    ),
    "F40": Row(
        fault="a backup of a running store; an old one restored",
        expected="whole; entries that readers have seen do not come as new ones",
    ),
    "F41": Row(
        fault="a store of an older version, or other rules of comparing and sorting",
        expected="entries keep their ids; nothing old is delivered again",
    ),
    "F42": Row(
        fault="no certificates of authorities, or a clock of 1970",
        expected="a failure of the class tls that names the cause",
    ),
    "F43": Row(
        fault="nobody reads the log: a closed stdout, a full pipe",
        expected="nothing waits for it, nothing crashes",
    ),
    "F44": Row(
        fault="PostgreSQL reports deadlocks, serialization failures, timeouts; five daemons claim at once",
        expected="tried again; each due source is polled once",
    ),
}
