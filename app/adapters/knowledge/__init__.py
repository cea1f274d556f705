"""Content files and jobs on the knowledge base."""
