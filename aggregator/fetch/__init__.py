"""One source asked over HTTP: politely, within limits, and never into a private network.

client.py   the exchange: conditional GET, redirects, size and time limits
dial.py     names to addresses, and which of them we may call
decode.py   packed bodies, unpacked in bounded steps
hints.py    what the server asks of us
trouble.py  what went wrong, as a sentence
"""

from aggregator.fetch.client import Client

__all__ = ["Client"]
