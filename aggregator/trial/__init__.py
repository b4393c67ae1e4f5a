"""A look at an address before it becomes a source: what `aggregator try` does.

    look -> becomes, suggest

In:    an address, and the configuration if there is one.
Out:   what came, what would become of its items, which feeds a page names, and the YAML of a source.
Never: stores anything. Like rounds it is work that a person asks for, beside the daemon's rhythm; it leaves no trace.
"""

from aggregator.trial.becomes import Prospect, prospects
from aggregator.trial.look import Asked, Trial, look, toward
from aggregator.trial.suggest import Suggestion, address_of, suggestions, yaml

__all__ = [
    "Asked",
    "Prospect",
    "Suggestion",
    "Trial",
    "address_of",
    "look",
    "prospects",
    "suggestions",
    "toward",
    "yaml",
]
