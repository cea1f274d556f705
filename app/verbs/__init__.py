"""What the verbs of the command line do; a verb loads only what it needs."""


class VerbError(Exception):
    """A verb could not do it; the text says why and what to do."""
