"""One handler a command. Handlers take (command, unit of work, context) and return a result."""
