"""The core: what is said, asked and decided. No SDK, no SQL, no clock, no files, no await."""
