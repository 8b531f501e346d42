"""The use cases, one per module: a plan is data that can be shown, applying it does the work, neither prints."""
