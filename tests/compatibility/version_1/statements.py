"""The SQL that version 1 sends, with its parameters by name. Frozen: see README.md beside it."""

COLUMNS = ("id", "email", "email_key", "name", "role", "password_hash", "created", "confirmed")

ADD = """
INSERT INTO account (id, email, email_key, name, role, password_hash, created, confirmed)
VALUES (:id, :email, :email_key, :name, :role, :password_hash, :created, :confirmed)
"""
FIND_BY_ID = """
SELECT account.id, account.email, account.email_key, account.name, account.role, account.password_hash,
    account.created, account.confirmed
FROM account WHERE account.id = :id
"""
FIND_BY_EMAIL = """
SELECT account.id, account.email, account.email_key, account.name, account.role, account.password_hash,
    account.created, account.confirmed
FROM account WHERE account.email_key = :email_key
"""
REPLACE_HASH = """
UPDATE account SET password_hash = :new WHERE account.id = :id AND account.password_hash = :old
"""
PING = "SELECT 1"

# What it takes the violation of for an email that somebody else has, by the database's name for it.
EMAIL_TAKEN = {"sqlite": "account.email_key", "postgresql": "uq_account_email_key"}

# The columns that it cannot do without a value in.
NEVER_EMPTY = ("id", "email", "email_key", "name", "role", "password_hash", "created")
ROLES = {"member", "admin"}
