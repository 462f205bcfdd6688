"""Where you are signed in (Redis): every browser's session, with its own credential, its row in a list, and its end.

service     what may be done, by which rules; the only one that other rooms call
store       one method a script
scripts     the scripts, in Lua; record.lua stands before each of them and says when a session is alive
script      how one is sent
record      how a session stands in Redis
token       the credential
device      what a browser says it is
model       what the others speak of
"""
