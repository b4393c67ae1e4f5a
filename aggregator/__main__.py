"""`python -m aggregator` is the console script."""

from aggregator.cli import main

main()
