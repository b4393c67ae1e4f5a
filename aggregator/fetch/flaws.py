"""What can be wrong in an answer that we use nevertheless.

In:    nothing.
Out:   the table of codes, beside that of parse: together they are the reference page.
Never: stops anything. What cannot be worked around is a FetchError.
"""

from __future__ import annotations

# code -> sentence. Codes are stable: people search for them.
FLAWS = {
    "garbage-after-gzip": "Something stood behind the packed body and was dropped.",
}
