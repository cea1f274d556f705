"""Keeping the knowledge base: files, edits, learning, scoring."""
