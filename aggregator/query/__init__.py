"""The query language: one for topics, saved rules and, later, the search box and the command line.

`parse` and `from_nested` make a Query; asked about a Subject it gives a Match with its reason, or None.
"""

from aggregator.query.fields import FIELDS, ByRule
from aggregator.query.grammar import parse
from aggregator.query.nested import from_nested
from aggregator.query.said import HasWords
from aggregator.query.subject import Match, Place, Subject, Texts, texts_of
from aggregator.query.tree import And, Node, Not, Or, Query
from aggregator.query.values import REGEX, Name, Pattern, Raw, Words

__all__ = [
    "FIELDS",
    "REGEX",
    "And",
    "ByRule",
    "HasWords",
    "Match",
    "Name",
    "Node",
    "Not",
    "Or",
    "Pattern",
    "Place",
    "Query",
    "Raw",
    "Subject",
    "Texts",
    "Words",
    "from_nested",
    "parse",
    "texts_of",
]
