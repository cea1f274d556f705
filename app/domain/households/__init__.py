"""The rules of households: machines and values."""
