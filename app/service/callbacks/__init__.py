"""What the application does about messages and call-backs."""
