"""Where you are signed in (Redis): every browser's session, with its own credential, its row in a list, and its end.

service     what may be done, by which rules; the only one that other rooms call
following   what Redis has of an account, kept as SQL has it
renewal     the secret that is renewed, and two holders of one
store       one method a script
scripts     the scripts, in Lua; before each stand record.lua, which says when a session is alive, and secrets.lua,
            which says what a secret is to it
script      how one is sent
news        what they tell those who listen
network     what tells a browser's network from another one
record      how a session stands in Redis
token       the credential
device      what a browser says it is
model       what the others speak of
"""
