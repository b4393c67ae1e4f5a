"""The tables of a run, as Markdown.

In:    verdicts, and what the documents held.
Out:   a row for each topic; a row for each reader of each topic.
Never: judges.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from reader_judge import CAUSES, Held, Verdict
from reader_stream import SEED

PAGE = "reference/publication.md"
HEAD = """# What readers see, and never see twice

Printed by `python -m bench.readers --page`: fourteen days of invented news (seed {seed}) in virtual time, through the
product's own polling, curating and publishing on SQLite. 24 papers print 25 to 40 happenings a day, each told by 1 to
24 of them; publishers edit, renumber and move; persons merge, split and pin; rules change; the process dies, is
upgraded, and goes back to a backup of twelve hours ago. Eight models of feed readers, each of which punishes a careless
publisher in its own way, read every topic.

"""
DOCUMENTS = """## Each document

How many entries or articles broke a rule, over all documents that were ever served: stood **twice** (two entries of
one story in one document), were **uninvited** (against the topic's rules, or of a past that nobody asked for),
**unreached** (in no entry, in no list, and on no page that an entry links to), **hasty** (a list that grew twice within
an hour, later than a day after its entry came, or more than six times), **parted** (taken out of a story by a person,
but still in its list, or in no entry), or there after they were **withdrawn**.

"""
READERS = """
## Each reader

**lost**: happenings (texts, articles: what the topic folds) of which a reader was never shown anything; **doubled**:
shown by a second entry; **resurrected**: entries that left and came back. Then how often an entry was unread again: the
median over all entries, and the most of one entry by cause; **edits a day** is the most within 24 hours. A reader that
purges brings back itself what has stood in the document for more than seven days, which happens in `long` only.

"""


def page(verdicts: Iterable[Verdict], held: Iterable[Held]) -> str:
    """Return the whole page."""
    return "".join((HEAD.format(seed=SEED), DOCUMENTS, of_documents(held), READERS, of_readers(verdicts)))


def write(verdicts: Iterable[Verdict], held: Iterable[Held], docs: Path) -> None:
    """Print the page into docs/."""
    (docs / PAGE).write_text(page(verdicts, held), "utf-8")


def of_documents(held: Iterable[Held]) -> str:
    """Return a row for each topic."""
    names = ("twice", "uninvited", "unreached", "hasty", "parted", "withdrawn")
    return _table(("topic", *names), ((one.topic, *(str(len(getattr(one, name))) for name in names)) for one in held))


def of_readers(verdicts: Iterable[Verdict]) -> str:
    """Return a row for each reader of each topic."""
    head = ("topic", "reader", "shown", "lost", "doubled", "resurrected", "median", *CAUSES, "edits a day")
    return _table(head, map(_row, verdicts))


def _row(one: Verdict) -> Sequence[str]:
    counts = (one.shown, len(one.lost), len(one.doubled), len(one.resurrected))
    bumps = (f"{one.bumps.median:g}", *(str(one.bumps.most[name]) for name in CAUSES), str(one.bumps.edits_a_day))
    return (one.topic, one.reader, *map(str, counts), *bumps)


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ["---"] + ["---:"] * (len(head) - 1), *rows]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)
