"""What the application does about the queue and presence."""
