"""One screen or question a module."""
