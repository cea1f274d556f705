"""What the application does about queue."""
