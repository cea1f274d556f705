"""What the application does about people."""
