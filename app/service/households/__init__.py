"""What the application does about households."""
