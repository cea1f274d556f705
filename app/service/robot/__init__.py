"""The robot's conversations: what the house does for its machines."""
