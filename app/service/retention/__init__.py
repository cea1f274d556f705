"""What the application does about retention."""
