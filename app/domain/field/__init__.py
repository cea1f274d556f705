"""The rules of the field: machines and values."""
