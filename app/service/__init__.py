"""The application: ports, commands and their handlers, the live-call session, read queries."""
