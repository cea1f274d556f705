"""The database side of retention."""
