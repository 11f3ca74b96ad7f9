"""Labels inside a text that has a grammar of its own."""

import re

# Characters with a meaning in the text formats, and every white space but single
# spaces between words, where a reader splits.
_RESERVED = re.compile(r'[\\;|\[<]|(?! )\s|^ | $|(?<=\s) ')
_ESCAPE = re.compile(r'\\u\{([0-9a-f]{1,6})\}')


def escape_label(label: str) -> str:
    r"""Write a category or predicate so that it cannot be mistaken for grammar.

    Reserved characters become ``\u{HEX}`` with their code point. Labels of ordinary
    words stay as they are.

    Args:
        label: Any text.

    Returns:
        The text without ``;``, ``|``, ``[``, ``<``, bare backslashes, and without
        white space other than single spaces between words.
    """
    return _RESERVED.sub(lambda match: f'\\u{{{ord(match[0]):x}}}', label)


def unescape_label(text: str) -> str:
    """Undo :func:`escape_label`, and normalise as scene graphs do.

    Args:
        text: What a text holds, perhaps written by a model: escapes of no character
            stay as they are.

    Returns:
        The label, lower-cased and stripped.
    """

    def character(match: re.Match) -> str:
        code = int(match[1], 16)
        return chr(code) if code <= 0x10FFFF else match[0]

    return _ESCAPE.sub(character, text).strip().lower()
