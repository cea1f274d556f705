"""What screens say of retention."""
