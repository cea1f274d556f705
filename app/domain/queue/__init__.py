"""The rules of the queue and presence: machines and values."""
