"""Load on a whole hotline: phones, desks and their figures, each kind of client a process of its own."""
