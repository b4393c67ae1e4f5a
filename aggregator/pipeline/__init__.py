"""The spine: the only part that sees all the stages and the store. The order of the lines is the order of the work.

    poll(room, claim)      one source: fetch, parse, decide what is new, commit; then when to come back, and why
    curate(room)           the items not yet curated: language, sections, copies, topics
    deliver(room)          what hubs have sent: as a poll's document, without the fetching
    subscribe(room)        hubs asked to tell of a source's news, or to end that
    split, merge, pin      a person's word about a story, which holds from then on; `rebuild`: all of them anew
    index(room)            the words of items into the index that a search asks
    name_sections          a person's word about an item's sections, which holds from then on
    due(room)              the topics that changed, in the order in which to publish them
    publish(room, topic)   a topic that changed: ledger, documents in every format, commit
    asked(room, form)      what somebody asks of our own hub: a wish, which his callback has to confirm
    prune(room)            what is older than is kept, and what makes the store too large
    Postman                hubs and subscribers told of what has changed

Each ends in one transaction; each can be killed at any instant and is simply done again.
"""

from aggregator.pipeline.asking import Beside, beside, cited_of, facts_of
from aggregator.pipeline.curating import curate
from aggregator.pipeline.delivering import Delivery, deliver, expected, receive
from aggregator.pipeline.hosting import Reply, announced, asked, expire
from aggregator.pipeline.indexing import index
from aggregator.pipeline.keeping import Pruned, older_than, prune, trim
from aggregator.pipeline.learning import name_sections, recalled_now
from aggregator.pipeline.newsroom import Newsroom, Role
from aggregator.pipeline.opening import client_of, open_newsroom, reload, sync_topics
from aggregator.pipeline.pacing import pace, wake
from aggregator.pipeline.polling import LEASE, poll
from aggregator.pipeline.publishing import due, in_order, publish
from aggregator.pipeline.regrouping import Rebuilt, merge, pin, rebuild, split
from aggregator.pipeline.searching import Archive, Bounds, Hit, Results
from aggregator.pipeline.subscribing import answer, subscribe
from aggregator.pipeline.telling import Postman, send_waiting
from aggregator.pipeline.withdrawing import withdraw

__all__ = [
    "LEASE",
    "Archive",
    "Beside",
    "Bounds",
    "Delivery",
    "Hit",
    "Newsroom",
    "Postman",
    "Pruned",
    "Rebuilt",
    "Reply",
    "Results",
    "Role",
    "announced",
    "answer",
    "asked",
    "beside",
    "cited_of",
    "client_of",
    "curate",
    "deliver",
    "due",
    "expected",
    "expire",
    "facts_of",
    "in_order",
    "index",
    "merge",
    "name_sections",
    "older_than",
    "open_newsroom",
    "pace",
    "pin",
    "poll",
    "prune",
    "publish",
    "rebuild",
    "recalled_now",
    "receive",
    "reload",
    "send_waiting",
    "split",
    "subscribe",
    "sync_topics",
    "trim",
    "wake",
    "withdraw",
]
