"""What the application does about calls."""
