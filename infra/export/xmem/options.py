"""Options of the tracker, under upstream's names (eval.py)."""

from __future__ import annotations

import json

# The original's. `size` is the length of a picture's shorter side, to which it is brought; -1 keeps every size.
DEFAULTS = {
    'size': 480,
    'mem_every': 5,
    'deep_update_every': -1,
    'top_k': 30,
    'enable_long_term': True,
    'max_mid_term_frames': 10,
    'min_mid_term_frames': 5,
    'num_prototypes': 128,
    'max_long_term_elements': 10000,
}


def options_of(changes: list[str]) -> dict:
    """The defaults with NAME=VALUE changes; values as in JSON."""
    options = dict(DEFAULTS)
    for change in changes:
        name, _, text = change.partition('=')
        if name not in options:
            raise SystemExit(f'there is no option {name}; there are {", ".join(options)}')
        try:
            value = json.loads(text)
        except json.JSONDecodeError:
            value = text
        if type(value) is not type(options[name]):
            raise SystemExit(f'{name} is like {json.dumps(options[name])}, not {text}')
        options[name] = value
    return options
