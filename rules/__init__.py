"""Facts per country, as data."""
