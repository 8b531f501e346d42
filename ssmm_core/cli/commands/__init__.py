"""One command per module: `configure` says its arguments, `run` does it."""
