"""What ``make run`` starts: Gatehouse with a Redis and a database of its own, reloading on change.

Production never imports this room, and nothing else in the application does.
"""
