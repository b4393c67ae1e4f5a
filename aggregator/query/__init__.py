"""The query language: one for topics, saved rules, the search box and the command line.

`parse` and `from_nested` make a Query; asked about a Subject it gives a Match with its reason, or None.
"""

from aggregator.query.clause import Clause, Need, Where
from aggregator.query.fields import FIELDS, ByRule
from aggregator.query.grammar import parse, parse_once
from aggregator.query.indexed import Every, Some, Sought, Wanted, sought, terms_of, wanted
from aggregator.query.measured import ToldBy
from aggregator.query.nested import from_nested
from aggregator.query.patterns import Patterns
from aggregator.query.schema import json_schema
from aggregator.query.subject import Match, Place, Subject, Texts, texts_of
from aggregator.query.tree import And, Node, Not, Or, Query, clauses
from aggregator.query.values import REGEX, Bound, Name, Pattern, Raw, Words

__all__ = [
    "FIELDS",
    "REGEX",
    "And",
    "Bound",
    "ByRule",
    "Clause",
    "Every",
    "Match",
    "Name",
    "Need",
    "Node",
    "Not",
    "Or",
    "Pattern",
    "Patterns",
    "Place",
    "Query",
    "Raw",
    "Some",
    "Sought",
    "Subject",
    "Texts",
    "ToldBy",
    "Wanted",
    "Where",
    "Words",
    "clauses",
    "from_nested",
    "json_schema",
    "parse",
    "parse_once",
    "sought",
    "terms_of",
    "texts_of",
    "wanted",
]
