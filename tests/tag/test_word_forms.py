"""The words of rules find their forms in Russian and Ukrainian news, and nothing else, over a table of hundreds."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from aggregator.query import Place, Words

TABLE = Path(__file__).with_name("word_forms.tsv")
RECALL = 0.97  # what the dictionaries do not know is guessed, and some guesses miss


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One rule and the texts it is held against."""

    word: Words
    right: list[str]
    wrong: list[str]

    def found(self, texts: list[str]) -> list[str]:
        return [text for text in texts if Place("title", text).find_words(self.word.forms)]


def rows():
    for line in TABLE.read_text("utf-8").splitlines():
        if not line.startswith("#"):
            _, word, right, wrong = line.split("\t")
            yield Row(word=Words(word), right=right.split(","), wrong=wrong.split(","))


def test_words_find_their_forms_and_nothing_else(record_property):
    table = list(rows())
    wrong = {row.word.said: found for row in table if (found := row.found(row.wrong))}
    missed = {row.word.said: lost for row in table if (lost := sorted(set(row.right) - set(row.found(row.right))))}
    asked = sum(len(row.right) for row in table)
    recall = 1 - sum(map(len, missed.values())) / asked
    record_property("recall", recall)
    # Shown where the test fails.
    assert len(table) >= 150
    assert wrong == {}  # precision 1
    assert recall >= RECALL, missed
