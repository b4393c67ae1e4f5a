"""What a topic's tests say of its query: invented items that must enter it, and such that must not.

In:    the configuration.
Out:   the tests that fail, as mistakes of topics.yaml.
Never: asks the store, or lets a mute or a publication's rules decide: a test is about a query.
"""

from __future__ import annotations

from collections.abc import Iterator

from aggregator import dedup
from aggregator.config import Config
from aggregator.errors import Mistake
from aggregator.model import Facts, Source
from aggregator.pipeline import cited_of
from aggregator.tag import Matcher, Tagger, language_of


def failing(config: Config) -> Iterator[Mistake]:
    """Yield a mistake for each test that does not hold, with the part of the query that is the reason."""
    tagger, matcher = Tagger(config.sections), Matcher(config.topics, config.rules)
    ours = dedup.Ours(config.sources.values())
    for test in config.tests:
        source = config.sources.get(test.source or "") or Source(id="", url="")
        facts = Facts(
            item=test.item,
            source=source.id,
            groups=source.groups,
            owner=config.owners.get(source.id),
            sections=tagger.tag(test.item, source),
            language=language_of(test.item, declared=source.language),
            credits=ours.cited(cited_of(test.item, dedup.names_of(source))),
            outlets=test.outlets,
            age=test.age,
        )
        enters, _, why = matcher.explain(facts, test.topic).partition(": ")
        if (enters == "yes") is not test.enters:
            does = "does not enter" if test.enters else "enters"
            yield Mistake(
                file=test.file,
                line=test.line,
                column=test.column,
                path=f"topics.{test.topic}.tests",
                problem=f"«{test.item.title or test.item.id}» {does} the topic: {why}.",
            )
