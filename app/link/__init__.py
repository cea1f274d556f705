"""The link between bridge and brain: its messages, and how they are written on the wire."""
