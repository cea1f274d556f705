"""What may be away for a while: states of the world, not faults of ours."""


class StorageAway(Exception):  # noqa: N818
    """The database cannot be reached, or takes nothing (a full disk); the text says why."""


class FeedAway(Exception):  # noqa: N818
    """The feed cannot be asked now. Whoever subscribes waits for it."""
