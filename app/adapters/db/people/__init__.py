"""The database side of people."""
