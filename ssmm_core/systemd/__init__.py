"""Units: words and their escaping, drop-ins, and the manager that reads them."""
