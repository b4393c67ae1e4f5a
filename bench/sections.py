"""How right are sections? `python -m bench.sections --train FILE... --test FILE`; `--help` says more.

In:    articles, one JSON object a line: title (or none), text, url (or none), and for what is judged `section`.
Out:   accuracy, macro-F1, coverage and speed of the product's own tagging.
Never: tags by itself: rules, learning and guessing are the daemon's own classes, configured in bench/common_sections.

Articles with a `section` are taught as a person's word, the others as a source shows them: what rules make of them.
"""

from __future__ import annotations

import argparse
import gzip
import json
import os
import random
import sys
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from aggregator import text
from aggregator.config import load
from aggregator.model import Item, Section, Source
from aggregator.pipeline.learning import Knowing
from aggregator.tag import Learner, Tagger, language_of
from bench import sections_page

CONFIG = Path(__file__).parent / "common_sections"
RESAMPLES, SEED = 1000, 7
TITLE = 200  # letters of the first sentence, where there is no title: as a source is read
# Other sets call them so.
ALIASES = {
    "sport": "sports",
    "not_news": "not-news",
    "business": "economy",
    "tech": "technology",
    "politics": "society",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """An article, and its section where that is known."""

    item: Item
    section: str | None


def rows(path: Path) -> Iterator[Row]:
    """Yield the articles of a file."""
    with (gzip.open if path.suffix == ".gz" else open)(path, "rt", encoding="utf-8") as lines:
        for number, line in enumerate(lines, 1):
            yield _row(json.loads(line), f"{path.name}:{number}")


def _row(found: Mapping[str, Any], key: str) -> Row:
    body, section = found.get("text") or "", found.get("section")
    title = found.get("title") or text.first_sentence(body, TITLE)
    item = Item(id=key, title=title, content=_html(body), link=found.get("url"))
    return Row(item=item, section=ALIASES.get(section, section) if section else None)


def _html(body: str) -> str:
    return body.replace("&", "&amp;").replace("<", "&lt;")


class Newsroom:
    """The product's tagging, taught."""

    def __init__(self, sections: Mapping[str, Section], source: Source, *, semantic: bool) -> None:
        how = "semantic" if semantic else "words"
        learned = {name: replace(one, learned=how) for name, one in sections.items()}
        self._known = Knowing(tagger=Tagger(learned), learner=Learner(learned), said={})
        self._source = source

    def teach(self, some: Iterable[Row]) -> None:
        """Let it curate articles, in their order."""
        for row in some:
            said = {row.item.id: (row.section,)} if row.section else {}
            known = replace(self._known, said=said)
            known.learn(row.item.id, row.item, self._source, language_of(row.item))

    def forget(self, some: Iterable[Row]) -> None:
        """Take back what it was taught."""
        for row in some:
            self._known.learner.forget(row.item.id)

    def section(self, item: Item) -> str | None:
        """Return the section of which it is surest; None: it names none."""
        found = self._known.sections(item.id, item, self._source, language_of(item))
        return found[0].section if found else None


Verdict = tuple[str | None, str]  # what was said, what is so


def figures(verdicts: Sequence[Verdict]) -> dict[str, float]:
    """Return accuracy, macro_f1 and coverage. Who abstains is wrong."""
    return {
        "accuracy": sum(said == true for said, true in verdicts) / (len(verdicts) or 1),
        "macro_f1": _macro_f1(verdicts),
        "coverage": sum(said is not None for said, _ in verdicts) / (len(verdicts) or 1),
    }


def _macro_f1(verdicts: Sequence[Verdict]) -> float:
    """Return the mean F1 of the sections that there are."""
    there, said = Counter(true for _, true in verdicts), Counter(said for said, _ in verdicts)
    right = Counter(true for said, true in verdicts if said == true)
    scores = [2 * right[name] / (there[name] + said[name]) for name in there]
    return sum(scores) / (len(scores) or 1)


def intervals(verdicts: Sequence[Verdict]) -> dict[str, tuple[float, float]]:
    """Return the 95 % interval of each figure, by drawing the articles anew."""
    rng = random.Random(SEED)
    drawn = [figures(rng.choices(verdicts, k=len(verdicts))) for _ in range(RESAMPLES)]
    low, high = round(0.025 * (RESAMPLES - 1)), round(0.975 * (RESAMPLES - 1))
    ordered = {name: sorted(one[name] for one in drawn) for name in drawn[0]}
    return {name: (values[low], values[high]) for name, values in ordered.items()}


def tested(taught: Newsroom, test: Sequence[Row]) -> tuple[list[Verdict], float]:
    """Return what is said of each article, and how many are tagged in a second of one core."""
    begun = time.process_time()
    verdicts = [(taught.section(row.item), str(row.section)) for row in test]
    return verdicts, len(test) / ((time.process_time() - begun) or 1e-9)


def cross_validated(taught: Newsroom, judged: Sequence[Row], folds: int) -> list[Verdict]:
    """Return what is said of each article by who was not taught it, nor any with its title."""
    titles = list(dict.fromkeys(row.item.title for row in judged))
    random.Random(SEED).shuffle(titles)
    verdicts: list[Verdict] = []
    for fold in range(folds):
        out = set(titles[fold::folds])
        left = [row for row in judged if row.item.title in out]
        taught.forget(left)
        verdicts += [(taught.section(row.item), str(row.section)) for row in left]
        taught.teach(left)
    return verdicts


def main() -> None:
    """Teach, test, print."""
    asked = _asked()
    if asked.page:
        sections_page.written({"words": _everything(semantic=False), "and meaning": _everything(semantic=True)})
        return
    room, speed = _taught(asked.train, semantic=asked.semantic)
    if asked.test:
        verdicts, per_s = tested(room, [row for row in rows(asked.test) if row.section])
        speed["items_per_s"] = round(per_s, 1)
    else:
        verdicts = _judged(room, asked.judge, asked.folds)
    out = _summary(verdicts) | speed
    if asked.wrong:
        wrong = Counter((true, said) for said, true in verdicts if said != true)
        out["wrong"] = [[true, said, times] for (true, said), times in wrong.most_common()]
    sys.stdout.write(json.dumps(out, ensure_ascii=False) + "\n" if asked.json else _text(out))


def _taught(files: Sequence[Path], *, semantic: bool) -> tuple[Newsroom, dict[str, Any]]:
    config = load(CONFIG, env={})
    room = Newsroom(config.sections, config.sources["news"], semantic=semantic)
    begun, taught = time.process_time(), [row for path in files for row in rows(path)]
    room.teach(row for row in taught if not row.section)
    room.teach(row for row in taught if row.section)
    per_s = len(taught) / ((time.process_time() - begun) or 1e-9)
    return room, {"taught": len(taught), "taught_per_s": round(per_s, 1)}


def _judged(room: Newsroom, files: Sequence[Path], folds: int) -> list[Verdict]:
    judged = [row for path in files for row in rows(path)]
    room.teach(judged)
    return cross_validated(room, judged, folds)


def _summary(verdicts: Sequence[Verdict]) -> dict[str, Any]:
    sure, told = intervals(verdicts), figures(verdicts)
    shares = {name: round(value, 3) for name, value in told.items()}
    return {"items": len(verdicts), **shares, "intervals": {n: [round(v, 3) for v in sure[n]] for n in told}}


def _everything(*, semantic: bool) -> dict[str, dict[str, Any]]:
    """Return the figures of the page: taught with all that the corpus has, and tested on its exams."""
    corpus = Path(os.environ.get("AGGREGATOR_CORPUS", "../shared/corpus"))
    labelled = corpus / "news-labels/sections"
    stream = sorted((corpus / "news-stream").glob("*.jsonl.gz"))
    room, _ = _taught([*stream, labelled / "mixed_2019-11.jsonl"], semantic=semantic)
    training = [labelled / "ru_training.jsonl", labelled / "en_training.jsonl"]
    found = {"cross-validation": _summary(_judged(room, training, 10))}
    for language in ("ru", "en"):
        verdicts, per_s = tested(room, list(rows(labelled / f"{language}_exam.jsonl")))
        found[f"{language} exam"] = _summary(verdicts) | {"items_per_s": per_s}
    return found


def _text(out: Mapping[str, Any]) -> str:
    lines = [f"{name:13} {out[name]:.3f} ({low:.3f}-{high:.3f})" for name, (low, high) in out["intervals"].items()]
    rest = [f"{name:13} {out[name]}" for name in out if name not in out["intervals"] and name != "intervals"]
    return "\n".join([*lines, *rest]) + "\n"


def _asked() -> argparse.Namespace:
    ask = argparse.ArgumentParser(prog="python -m bench.sections", description=__doc__.split("\n\n")[0])
    ask.add_argument("--train", type=Path, nargs="+", default=[], help="files to be taught from")
    ask.add_argument("--test", type=Path, help="a file to be tested on")
    ask.add_argument("--judge", type=Path, nargs="+", default=[], help="without --test: cross-validate on these files")
    ask.add_argument("--folds", type=int, default=5, help="of the cross-validation (5)")
    ask.add_argument("--semantic", action="store_true", help="by what texts mean, too (the extra `semantic`)")
    ask.add_argument("--wrong", action="store_true", help="print what was taken for what")
    ask.add_argument("--page", action="store_true", help="measure all on the corpus; print docs/reference/sections.md")
    ask.add_argument("--json", action="store_true", help="print it as JSON")
    return ask.parse_args()


if __name__ == "__main__":
    main()
