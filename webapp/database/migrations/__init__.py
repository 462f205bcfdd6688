"""The history of the tables. Run by ``webapp.database.migrate``; a new step is a new file in ``versions``."""
