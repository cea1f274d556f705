"""Screens of the robot."""
