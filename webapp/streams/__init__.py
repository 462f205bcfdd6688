"""The streams of events that open pages hold: who is told, when to look again, and how many there may be.

model    what is seen of a session, and what its stream says of it
stream   one open page: looks at its session when there is a reason to, and says what has changed
hub      all streams of one process, by account and session
"""
