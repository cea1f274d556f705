"""The database side of knowledge."""
