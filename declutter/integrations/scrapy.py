"""Scrapy: an item pipeline that cleans a field, and the article of a response.

::

    ITEM_PIPELINES = {"declutter.integrations.scrapy.DeclutterPipeline": 300}
    DECLUTTER_OPTIONS = {"focus": "precision"}
"""

from __future__ import annotations

import logging
from typing import Any

from declutter.batch.bodies import content_type
from declutter.charsets import codec_name
from declutter.errors import DeclutterError, InputError, OptionError
from declutter.extras import needed
from declutter.integrations.common import chosen, one_of, removals
from declutter.options import Options
from declutter.pipeline import Result, analyze

with needed("scrapy", "The Scrapy pipeline", "scrapy"):
    from itemadapter import ItemAdapter
    from scrapy.crawler import Crawler
    from scrapy.http import HtmlResponse, Response, TextResponse

PREFIX = "DECLUTTER_"
# the settings that name fields; one that is None is not written
FIELDS = {
    "SOURCE_FIELD": "html",
    "TEXT_FIELD": "text",
    "TITLE_FIELD": None,
    "CONFIDENCE_FIELD": None,
    "REMOVALS_FIELD": None,
    "REASON_FIELD": None,
}
logger = logging.getLogger(__name__)


class DeclutterPipeline:
    """Clean the page in one field of an item into another field.

    Settings, of which none has to be made:

    ``DECLUTTER_SOURCE_FIELD`` (html), ``DECLUTTER_TEXT_FIELD`` (text)
        where the page stands, as ``str`` or ``bytes``, and where its text goes; items
        without the first field pass unchanged.
    ``DECLUTTER_TITLE_FIELD``, ``DECLUTTER_CONFIDENCE_FIELD``, ``DECLUTTER_REMOVALS_FIELD``
        fields for more of the result.
    ``DECLUTTER_REASON_FIELD``
        the field that says why there is no text.
    ``DECLUTTER_KIND`` (auto), ``DECLUTTER_OPTIONS``
        as in :func:`declutter.analyze`.

    A page that fails leaves ``None`` as its text, a line in the log and a count in the stats;
    the item goes on.
    """

    def __init__(self, crawler: Crawler) -> None:
        settings = crawler.settings
        known = {PREFIX + name for name in (*FIELDS, "KIND", "OPTIONS")}
        for name in settings:
            if isinstance(name, str) and name.startswith(PREFIX) and name not in known:
                raise OptionError(f"unknown setting {name}: choose from {', '.join(sorted(known))}")
        self._crawler = crawler
        fields = {name: _field(settings, name) for name in FIELDS}
        self._source = fields.pop("SOURCE_FIELD") or ""
        self._written = {name: field for name, field in fields.items() if field is not None}
        self._kind = one_of(PREFIX + "KIND", settings.get(PREFIX + "KIND", "auto"))
        self._options = chosen(None, _overrides(settings))

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> DeclutterPipeline:
        """Read the settings; raise :class:`declutter.OptionError` where one is wrong."""
        return cls(crawler)

    def process_item(self, item: Any, spider: Any = None) -> Any:
        """Clean the page of an item; the item itself is changed and returned."""
        fields = ItemAdapter(item)
        if self._source not in fields:
            self._count("skipped")
            return item
        values = self._cleaned(fields)
        for name, field in self._written.items():
            self._write(fields, field, values.get(name))
        return item

    def _cleaned(self, fields: ItemAdapter) -> dict[str, Any]:
        """What goes into the fields of an item."""
        try:
            result = analyze(fields[self._source], kind=self._kind, options=self._options)
            values = self._values(result)
        except Exception as error:
            self._count(f"failed/{type(error).__name__}")
            trace = not isinstance(error, DeclutterError)
            logger.warning("No text for %s: %s", _name(fields), error, exc_info=trace)
            return {"REASON_FIELD": str(error)}
        self._count("cleaned" if result.text else "empty")
        if not result.text:
            logger.info("No text for %s: %s", _name(fields), values["REASON_FIELD"])
        return values

    def _values(self, result: Result) -> dict[str, Any]:
        wanted = "REMOVALS_FIELD" in self._written  # they take time
        return {
            "TEXT_FIELD": result.text,
            "TITLE_FIELD": result.title,
            "CONFIDENCE_FIELD": result.confidence,
            "REMOVALS_FIELD": removals(result) if wanted else None,
            "REASON_FIELD": result.reason,
        }

    def _write(self, fields: ItemAdapter, name: str, value: Any) -> None:
        try:
            fields[name] = value
        except Exception as error:  # kinds of items differ in what they raise
            self._count(f"unwritten/{name}")
            logger.error("%s cannot take the field %s: %s", _name(fields), name, error)

    def _count(self, what: str) -> None:
        if self._crawler.stats is not None:
            self._crawler.stats.inc_value(f"declutter/{what}")


def article(response: Response, *, options: Options | None = None, **overrides: Any) -> Result:
    """The :class:`declutter.Result` for a response, read with the charset that it came with.

    Raises :class:`declutter.InputError` for a response that is no text, and what
    :func:`declutter.analyze` raises; ``overrides`` may hold its ``kind`` and ``url``.
    """
    header = (response.headers.get("Content-Type") or b"").decode("latin-1")
    if not isinstance(response, TextResponse):
        what = content_type(header)[0] or "of an unknown type"
        raise InputError(f"{response.url} is {what}, not a page: call article() for pages only")
    if isinstance(response, HtmlResponse):
        overrides.setdefault("kind", "html")
    # one made with a charset, as from a browser, may differ from the header and from <meta>
    label = getattr(response, "_encoding", None) or content_type(header)[1]
    if label and codec_name(label) and (options is None or options.encoding is None):
        overrides.setdefault("encoding", label)
    overrides.setdefault("url", response.url)
    return analyze(response.body, options=options, **overrides)


def _field(settings: Any, name: str) -> str | None:
    value = settings.get(PREFIX + name) or FIELDS[name]
    if value is not None and not isinstance(value, str):
        raise OptionError(f"{PREFIX}{name} must name a field, not {value!r}")
    return value


def _overrides(settings: Any) -> dict[str, Any]:
    """The options of the settings, which are JSON where they come from the command line."""
    try:
        found: dict[str, Any] = settings.getdict(PREFIX + "OPTIONS")
    except (TypeError, ValueError) as error:
        raise OptionError(f"{PREFIX}OPTIONS must be a dict or a JSON object ({error})") from None
    return found


def _name(fields: ItemAdapter) -> str:
    """What an item is called in the log."""
    return str(fields.get("url") or f"a {type(fields.item).__name__} without url")
