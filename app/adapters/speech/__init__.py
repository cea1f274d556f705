"""Speech recognition: engines, models, the choice between them."""
