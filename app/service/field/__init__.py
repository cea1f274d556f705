"""What the application does about the field."""
