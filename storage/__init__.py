"""Where everything is kept: one interface, a database behind it."""
