"""A feed aggregator: YAML in, polite polling, one entry per article, sections, and a feed per topic out.

The way of an item:

    config -> schedule -> fetch -> parse -> identity -> store | tag -> copies -> topics | render -> artefact -> serve
    YAML      who is due  bytes    Items    new/changed  commit | curate                 | publish             HTTP
              '------------------- poll(source) ---------------'  '----- curate(items) --'  '--- publish(topic) '

Each of the three verbs ends in one transaction (pipeline/); daemon.py wakes them; serve/ hands out finished bytes.
"""

__version__ = "0.1.0.dev0"
