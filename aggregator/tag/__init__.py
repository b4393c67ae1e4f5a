"""What an item is about: its language, its sections, the topics it belongs to, each with the reason."""

from aggregator.tag import meaning
from aggregator.tag.clues import READING, clues
from aggregator.tag.language import language_of
from aggregator.tag.learned import Learner
from aggregator.tag.match import Hit, Matcher
from aggregator.tag.mute import Muter
from aggregator.tag.sections import Tagger

__all__ = ["READING", "Hit", "Learner", "Matcher", "Muter", "Tagger", "clues", "language_of", "meaning"]
