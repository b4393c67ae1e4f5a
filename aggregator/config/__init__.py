"""The configuration: YAML in, one checked and frozen value out, every mistake at once with its line.

    load -> read -> substitute -> check (schema, sentences) -> queries -> compare -> build

In:    a folder with aggregator.yaml, sources.yaml, sources.d/*.yaml and topics.yaml, and the environment.
Out:   Config, or ConfigError.
Never: starts anything, or shows a secret.
"""

from aggregator.config.load import load, refusal, refuse_lost
from aggregator.config.settings import Config, former_names

__all__ = ["Config", "former_names", "load", "refusal", "refuse_lost"]
