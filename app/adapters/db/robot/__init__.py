"""The database side of robot."""
