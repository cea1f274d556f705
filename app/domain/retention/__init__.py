"""The rules of retention: machines and values."""
