"""The rules of the robot: machines and values."""
