"""The only room that knows Quart: requests, cookies, headers, templates.

One concern, one file. A request passes, in this order:

    proxies         who is really asking, and for which host (outside Quart, together with ``headers``)
    conversation    into Quart, and its answer out of it
    gate            origin, guard, form token
    pages           one blueprint a noun: reads a form, calls one service, chooses an answer
    errors          whatever was raised on the way, in the face that the caller understands
    session_cookie  read, and written again, through quart-auth
"""
