"""Rules that the grammars of text formats are put together from.

They are in the extended Backus-Naur form of xgrammar.
"""

import json
from collections.abc import Iterable

# What structures a text, what a reader takes for white space, and what is no character.
_NO_WORD = (
    r'\x00-\x20;|\[<\\\x7f-\xa0\u1680\u180e\u2000-\u200f\u2028-\u202f\u205f-\u206f'
    r'\u3000\ufeff\ufff0-\uffff'
)


def literal(text: str) -> str:
    """Return the grammar of one text."""
    return json.dumps(text, ensure_ascii=False)


def choice(texts: Iterable[str]) -> str:
    """Return the grammar of one text out of some."""
    return ' | '.join(literal(text) for text in texts)


def phrase_rules(name: str, max_tokens: int) -> str:
    """Return a rule for any words, as :func:`escape_label` leaves them.

    Args:
        name: The rule's name.
        max_tokens: Most tokens of the language model.
    """
    # A flat loop: nested ones take milliseconds a token.
    return f'{name}[max_tokens={max_tokens}] ::= [^{_NO_WORD}] ([^{_NO_WORD}] | " ")*'


def time_rules(name: str, decimals: int) -> str:
    """Return rules for two times in ``0..1``, the second not before the first.

    Args:
        name: The rule's name.
        decimals: Digits behind the point.
    """
    one = '1.' + '0' * decimals
    rules = [f'{name} ::= "0." {name}_d | {literal(f"{one} {one}")}']

    def add(prefix: str) -> None:
        """Add the rule of a first time that begins with some digits."""
        rest = decimals - len(prefix)
        rows = []
        for digit in '0123456789':
            row = f'{literal(digit)} {name}_d{prefix}{digit}'
            if rest == 1:
                row = f'{literal(f"{digit} ")} {name}_e{prefix}{digit}'
            rows.append(row)
        rules.append(f'{name}_d{prefix} ::= {" | ".join(rows)}')
        for digit in '0123456789' if rest > 1 else ():
            add(prefix + digit)

    def add_second(digits: str) -> None:
        """Add the rule of a second time that is not before one with these digits."""
        rows = [literal(one), literal(f'0.{digits}')]
        for place, digit in enumerate(digits):
            if digit != '9':
                later = f'[{int(digit) + 1}-9]' + ' [0-9]' * (decimals - place - 1)
                rows.append(f'{literal("0." + digits[:place])} {later}')
        rules.append(f'{name}_e{digits} ::= {" | ".join(rows)}')

    add('')
    for number in range(10**decimals):
        add_second(f'{number:0{decimals}d}')
    return '\n'.join(rules)
