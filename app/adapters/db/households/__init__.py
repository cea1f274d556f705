"""The database side of households."""
