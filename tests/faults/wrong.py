class Wrong(Exception):
    """What a trial came to is not what it should have come to."""
