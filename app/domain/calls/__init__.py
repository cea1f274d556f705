"""The rules of calls: machines and values."""
