"""Server-rendered pages; forms answer with fragments or redirects."""
