"""What the application does about the knowledge base."""
