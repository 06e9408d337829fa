"""Which papers a registration needs and where their pages stand. Nothing here speaks."""
