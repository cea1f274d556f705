"""What the application does about calls: live sessions, what was said, what bridges report."""
