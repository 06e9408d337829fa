"""What the commands of `python -m bot` do. Each module is imported only when one of its commands runs."""
