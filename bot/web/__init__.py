"""The HTTP side: the chat page, the desk, and what the operator's monitoring asks."""
