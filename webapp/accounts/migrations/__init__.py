"""The history of the tables. Run by ``webapp.accounts.migrate``; a new step is a new file in ``versions``."""
