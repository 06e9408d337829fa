"""An answer held against the rules: read, refused with the way out, or doubted aloud. Nothing here speaks."""
