"""Hand out finished bytes over HTTP. A reader's request never fetches, parses, filters or renders.

shelf.py    the finished bytes in memory, ready to be sent
answer.py   the rules of HTTP: which encoding, whether 304, which methods
feeds.py    what stands at the address of a topic's document
negotiate.py  whether the page of a topic or its feed is meant
lists.py    what there is to subscribe to: the index, JSON, OPML
archives.py what entered a topic on an earlier day
private.py  the documents that a token opens
manners.py  what a publisher wants to know of us
sources.py  how the sources stand
items.py    an item, and what its publisher changed in it
alarms.py   what happened to sources, topics and ourselves
search.py   what is found, as a page and as a feed
stories.py  what several outlets tell of
made.py     pages that are made when somebody asks
pages.py    our own static files, what we say when there is nothing to hand out
health.py   the probes
metrics.py  who may see our numbers
websub.py   where hubs reach us
hub.py      where subscribers find our own hub
body.py     the body of a request, as much of it as is allowed
export.py   the same bytes as files
app.py      addresses to answers; the server
"""

from aggregator.serve.alarms import AlarmFeed
from aggregator.serve.app import Application, Door, Server, create_app, create_waiting, make_server
from aggregator.serve.archives import Archives
from aggregator.serve.health import Health
from aggregator.serve.items import ItemPages
from aggregator.serve.lists import Lists
from aggregator.serve.manners import Manners, about
from aggregator.serve.metrics import Watched, measure
from aggregator.serve.search import SearchPages
from aggregator.serve.shelf import Shelf
from aggregator.serve.sources import SourcePages
from aggregator.serve.stories import StoryPages
from aggregator.serve.websub import Callback

__all__ = [
    "AlarmFeed",
    "Application",
    "Archives",
    "Callback",
    "Door",
    "Health",
    "ItemPages",
    "Lists",
    "Manners",
    "SearchPages",
    "Server",
    "Shelf",
    "SourcePages",
    "StoryPages",
    "Watched",
    "about",
    "create_app",
    "create_waiting",
    "make_server",
    "measure",
]
