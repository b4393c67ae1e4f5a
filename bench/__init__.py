"""Measured comparisons, runnable by anyone: `python -m bench.rounds`. No part of the product."""
