"""Understanding what is said, at run time."""
