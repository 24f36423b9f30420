"""Errors that declutter raises, all children of one.

::

    DeclutterError
    ├── InputError       the source is not a page or a text (binary, a path, a wrong type)
    ├── LimitError       the source exceeds ``max_bytes`` or the call ``max_seconds``
    ├── OptionError      an option has an unknown name or an impossible value
    ├── LexiconError     a rule file is not valid; the message names file, line and key
    └── MissingExtra     a library that the call needs is not installed; the message says how to
"""


class DeclutterError(Exception):
    """The parent of every error that declutter raises on purpose."""


class InputError(DeclutterError, ValueError):
    """The source cannot be read as a page or a text."""


class LimitError(DeclutterError):
    """A limit that the caller set in :class:`declutter.Options` was exceeded."""


class OptionError(DeclutterError, ValueError):
    """An option has an unknown name or an impossible value."""


class LexiconError(DeclutterError, ValueError):
    """A lexicon entry, or a rule of the caller's own, is not valid."""


class MissingExtra(DeclutterError, ImportError):  # noqa: N818 - what is missing is an extra
    """An optional library is not installed; the message names the pip command."""
