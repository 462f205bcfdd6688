"""The watch at the door: what the history says of sessions and of tries, and what their owners are written about them.

Sessions live in Redis and end there, by acts, by limits, or because nobody came any more; the history stands in SQL. So
each session has an entry in the outbox from before it begins until its end is written down: nothing is lost in between,
whatever crashes, and no page waits for it.

arrivals    signing in: the entry first, then the session
hastening   having sessions looked at that have begun or ended just now
sessions    looking after one session: that it began, that it ended, and why
failures    tries to sign in that failed
letters     what owners are written about all this
not_me      the link by which an owner says that a sign-in was somebody else's
"""
