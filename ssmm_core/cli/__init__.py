"""The command line: parse, ask the operations, show what they answer."""
