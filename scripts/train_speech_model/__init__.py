"""Training of the embedded speech model; see README.md beside this file."""
