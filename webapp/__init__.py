"""Gatehouse: people sign in, stay signed in, see every device, and put any of them out at once.

The rooms, from the door inwards. Imports go downwards only, and ``lint-imports`` holds everybody to it:

    __main__, server, dev    how it is started: by an operator, by ``make run``
    commands                 what else an operator does with it
    main                     the ASGI object: what every request passes on its way to the application
    factory                  create_app(settings), a table of contents
    web                      the only room that knows Quart, requests, cookies, headers and templates
    personal_data            what is kept about people: told, and given to them whole
    wiring                   builds the services, hands each what it needs, closes them
    deeds                    what follows from a change of an account, in Redis, by mail, and one day
    watch                    what the history says of sessions and tries, and what owners are written about them
    accounts                 who you are (SQL)
    sessions                 where you are signed in (Redis)
    streams                  the open pages, which hear at once of what happens to their session
    throttle                 how often you may try (Redis)
    mail                     what we write to you
    outbox, history          what a change in SQL still owes, and what happened to an account
    redis_connection,        open what the settings name
    database, places
    settings                 the environment, read once, with setting_values and setting_addresses
    logs                     what the operator reads: one line for whatever happened, and no secret in it
    shielding, deadline,     known to all, knowing nobody
    errors, words,
    template_files

The topics know neither each other nor any framework. Where one needs another it says what it needs as a small
Protocol of its own, and ``wiring`` hands over the object.
"""
