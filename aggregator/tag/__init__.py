"""What an item is about: its language, its sections, the topics it belongs to, each with the reason."""

from aggregator.tag.language import language_of
from aggregator.tag.match import Hit, Matcher
from aggregator.tag.mute import Muter
from aggregator.tag.sections import Tagger

__all__ = ["Hit", "Matcher", "Muter", "Tagger", "language_of"]
