"""Reading Parameter Store with the standard library alone, for what runs at every boot.

What the SDK needs to sign and send one request costs 0.2 s of imports. Here is the part of it that delivery needs, and no more: what this
package does not know it hands over, before anything was sent, to the SDK, which then does the same in its own time.
"""

from __future__ import annotations


class Handover(Exception):
    """This is for the SDK: it knows more. The message says why, for `--debug`, and holds no value."""
