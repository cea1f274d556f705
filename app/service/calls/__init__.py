"""Live calls in the brain: each one's session, the list of them, what bridges report."""
