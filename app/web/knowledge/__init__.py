"""The knowledge base in the browser."""
