"""What we write to you: the room for the mailer and its outbox. The first version of the application sends no mail."""
