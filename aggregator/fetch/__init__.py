"""One source asked over HTTP: politely, within limits, and never into a private network.

client.py     the exchange: conditional GET, redirects; the only file that knows httpx
ask.py        what we say of ourselves and what we ask for            pure
transport.py  HTTP/1.1 over connections of our own, some of them kept for a moment
dial.py       one of the addresses of a host, checked, dialled
guard.py      which addresses may be called                           pure
resolve.py    names to addresses
egress.py     other ways out: HTTP and SOCKS proxies
body.py       a body, read to its end and no further than allowed
share.py      how much all bodies together may hold
decode.py     packed bodies, unpacked in bounded steps                pure
challenge.py  is it a bot wall?                                       pure
hints.py      what the server asks of us                              pure
moves.py      has the source moved for good?                          pure
trouble.py    what went wrong, as a sentence                          pure
flaws.py      what was wrong and worked around, as a table
"""

from aggregator.fetch.client import MAX_BODY_BYTES, Client

__all__ = ["MAX_BODY_BYTES", "Client"]
