"""The rules of the knowledge base: machines and values."""
