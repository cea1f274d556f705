"""The settings of learning from own calls: a part of ``app/settings.py``."""

from pydantic import Field
from pydantic_settings import BaseSettings


class LearningSettings(BaseSettings):
    """What the operator allows to be learned from callers' words, and when."""

    learn: bool = Field(
        default=False,
        description=(
            "Whether the embedded speech model learns at night from callers' words: of finished "
            "calls that the second pass has heard, words and their neighbours are counted that "
            "callers of at least three numbers have said; names and numbers are left out, and "
            "nothing leaves this machine."
        ),
    )
    learn_hours: str = Field(
        default="01:00-05:00",
        pattern="^([01][0-9]|2[0-3]):[0-5][0-9]-([01][0-9]|2[0-3]):[0-5][0-9]$",
        description="When it learns, while no call is going on; it stops when one comes.",
    )
    learn_days: int = Field(
        default=30,
        ge=1,
        le=730,
        description=(
            "Calls of how many days it learns from; words of older ones leave the model with the "
            "next night."
        ),
    )
