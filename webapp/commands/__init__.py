"""What an operator does with Gatehouse, one file a command."""
