"""The database side of queue."""
