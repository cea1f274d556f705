"""The database side of field."""
