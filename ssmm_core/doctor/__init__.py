"""What stands between a person, or a unit, and the parameters: facts that are gathered, pure rules over them, findings.

`account` and `unit*` hold the rules; `look_at_account` and `look_at_unit` gather the facts, changing nothing and printing nothing.
"""
