"""The database side of callbacks."""
