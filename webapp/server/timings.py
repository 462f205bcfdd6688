"""How long anything may take; tests bring shorter ones."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Timings:
    """Durations in seconds."""

    # A connection that says nothing at first. Browsers open some in advance, proxies do not.
    silence: float = 10
    # A request's line and headers, from the first byte to the last: whoever trickles them (Slowloris) is dropped.
    head: float = 10
    # A connection between two requests. Heroku's router keeps its own for 90 s ("HTTP Routing"); a server that closes
    # one earlier races with the next request on it, and somebody gets a 503.
    idle: float = 95
    # A client that reads nothing of its answer holds a handler; after this long it has gone, whatever it says.
    stalled: float = 30
    # A stream of events in which nothing has happened says that it is still there. Heroku's router closes a line that
    # was silent for 55 s ("HTTP Routing"), nginx after 60 s (proxy_read_timeout), Cloudflare after 100 s. That it was
    # silent is seen a second late at most, which makes 20.
    breath: float = 19
    # What was sent and is not acknowledged: the computer is gone without a word, asleep or out of reach. A stream says
    # something with every breath, so that it is given up within a minute; TCP alone takes a quarter of an hour.
    vanished: float = 40
    # The rest of an answer, when all else is done.
    farewell: float = 5

    # From here on the time runs from SIGTERM. Heroku and Render kill after 30 s; we are gone after 10.
    # Streams of events end at once; one whose client does not take the end is cut after this long.
    streams: float = 0.8
    # Connections between requests are closed only now, so that a request that was on its way is still answered.
    lingering: float = 1
    # Requests in flight are given this long. None of ours takes longer than 5 s.
    requests: float = 7
    # The application's hooks have to be done by now.
    hooks: float = 9
    # A worker that is still there is killed.
    killed: float = 9.5

    # The application's hooks at the start. Heroku wants the port to be bound within 60 s, which was done before.
    startup: float = 60
    # A worker that ends by itself is replaced, but not more often than this: a broken one must not spin.
    restart: float = 1
