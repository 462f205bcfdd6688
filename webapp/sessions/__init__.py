"""Where you are signed in (Redis): every browser's session, with its own credential, its row in a list, and its end.

service     what may be done, by which rules; the only one that other rooms call
following   what Redis has of an account, kept as SQL has it
renewal     the secret that is renewed, and two holders of one
store       one method a script
scripts     the scripts, in Lua; before each stand record.lua, which says what Redis holds and when a session is alive,
            account.lua: all sessions together, secrets.lua: what a secret is to one, and adopt.lua: what the version
            before has left, whose own scripts are in first
script      how one is sent, and to which form
handover    from when on that version runs no more
news        what they tell those who listen
network     what tells a browser's network from another one
record      how what is known of a session reaches the scripts and comes back
token       the credential
device      what a browser says it is
model       what the others speak of
"""
