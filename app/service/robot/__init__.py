"""What the application does about the robot."""
