"""A call: its ids, its legs, who hears whom."""
