"""What screens say of households."""
