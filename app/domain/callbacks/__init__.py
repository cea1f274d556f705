"""The rules of messages and call-backs: machines and values."""
