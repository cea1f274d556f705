"""The database side of calls."""
