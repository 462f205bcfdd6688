"""Lengths of time in words."""

UNITS = ((86400, "day"), (3600, "hour"), (60, "minute"), (1, "second"))


def in_words(seconds: int) -> str:
    """Say a length of time exactly: ``1 hour and 30 minutes``. What people are promised is not rounded."""
    parts = []
    for size, name in UNITS:
        number, seconds = divmod(seconds, size)
        if number:
            parts.append(f"{number} {name}" if number == 1 else f"{number} {name}s")
    return " and ".join(", ".join(parts).rsplit(", ", 1)) or "0 seconds"
