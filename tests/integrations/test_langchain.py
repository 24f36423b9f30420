"""The LangChain transformer, by itself and on the way into a vector store."""

from __future__ import annotations

import asyncio
import copy
import json
import pickle
from typing import Any

import pytest

pytest.importorskip("langchain_core")

from langchain_core.documents import BaseDocumentTransformer, Document
from langchain_core.embeddings import DeterministicFakeEmbedding
from langchain_core.runnables import RunnableLambda
from langchain_core.vectorstores import InMemoryVectorStore

from declutter import Options, clean
from declutter.errors import OptionError
from declutter.integrations.langchain import DeclutterTransformer
from tests.conftest import FIXTURES

PROSE = "The old bridge over the river reopened on Monday morning, the council said."
MENU = "<nav><a href=/>Home</a> <a href=/n>News</a></nav>"
HEAD = "<title>Old bridge reopens</title><h1>Old bridge reopens</h1>"
PAGE = f"<html>{HEAD}{MENU}<p>{PROSE}</p><p>Share on Facebook</p></html>"
TEXT = f"Skip to main content\n{PROSE}"
PAGES = ("german-news", "arabic-news", "forum-thread")


def transformed(content: str, metadata: dict[str, Any] | None = None, **options: Any) -> Document:
    document = Document(content, id="7", metadata=metadata or {})
    (found,) = DeclutterTransformer(**options).transform_documents([document])
    assert isinstance(found, Document)
    return found


def test_pages_are_cleaned_on_the_way_into_a_store() -> None:
    sources = [
        (FIXTURES / "pages" / page / "source.html").read_text(encoding="utf-8") for page in PAGES
    ]
    loaded = [
        Document(text, metadata={"source": page}) for text, page in zip(sources, PAGES, strict=True)
    ]
    chain = RunnableLambda(DeclutterTransformer().transform_documents)
    store = InMemoryVectorStore.from_documents(
        chain.invoke(loaded), DeterministicFakeEmbedding(size=8)
    )
    found = {
        document.metadata["source"]: document
        for document in store.similarity_search(
            "bridge", k=5, filter=lambda document: document.metadata["declutter_confidence"] > 0.5
        )
    }
    for page, source in zip(PAGES, sources, strict=True):
        assert found[page].page_content == clean(source)
        assert 0 < found[page].metadata["declutter_removed"] < 1


@pytest.mark.parametrize(
    ("content", "text"), [(PAGE, f"Old bridge reopens\n\n{PROSE}"), (TEXT, PROSE), ("", "")]
)
def test_a_new_document_has_the_text(content: str, text: str) -> None:
    found = transformed(content)
    assert (found.page_content, found.id) == (text, "7")


@pytest.mark.parametrize(
    ("content", "metadata", "expected"),
    [
        (PAGE, {}, {"title": "Old bridge reopens"}),
        (PAGE, {"title": ""}, {"title": "Old bridge reopens"}),
        (PAGE, {"title": "From the loader"}, {"title": "From the loader"}),
        (TEXT, {"source": "a.txt", "tags": ["b"]}, {"source": "a.txt", "tags": ["b"]}),
        (f"<p>{PROSE}</p>", {}, {"declutter_removed": 0.0}),
        ("", {}, {"declutter_reason": "the source has no visible text", "declutter_removed": 0.0}),
        (MENU * 2, {}, {"declutter_removed": 1.0}),
    ],
)
def test_metadata_are_kept_and_extended(
    content: str, metadata: dict[str, Any], expected: dict[str, Any]
) -> None:
    found = transformed(content, metadata)
    assert found.metadata.items() >= expected.items()
    assert ("declutter_confidence" in found.metadata) == bool(found.page_content)
    assert ("declutter_reason" in found.metadata) != bool(found.page_content)
    values = [value for name, value in found.metadata.items() if name.startswith("declutter_")]
    assert all(isinstance(value, str | float) for value in values), "as vector stores want them"


def test_reasons_are_told_where_they_are_wanted() -> None:
    found = transformed(TEXT, reasons=True).metadata["declutter_removals"]
    assert [(item["category"], item["text"]) for item in found] == [
        ("navigation", "Skip to main content")
    ]
    json.dumps(found)


def test_the_documents_given_stay_as_they_are() -> None:
    given = [Document(PAGE, metadata={"tags": ["a"]}), Document(TEXT), Document("")]
    before = copy.deepcopy(given)
    for made in (DeclutterTransformer(reasons=True), DeclutterTransformer(drop_empty=True)):
        found = made.transform_documents(given)
        assert given == before
        assert not {id(document) for document in given} & {id(document) for document in found}


@pytest.mark.parametrize(
    ("content", "options", "reason"),
    [
        (PAGE * 100, {"max_bytes": 10_000}, "max_bytes=10000"),
        ("https://example.org/a", {}, "is an address"),
        ("", {}, "no visible text"),
    ],
)
def test_no_document_is_lost(content: str, options: dict[str, Any], reason: str) -> None:
    found = transformed(content, {"source": "b"}, **options)
    assert (found.page_content, found.metadata["source"]) == ("", "b")
    assert reason in found.metadata["declutter_reason"]
    assert not DeclutterTransformer(drop_empty=True, **options).transform_documents(
        [Document(content)]
    )


def test_it_works_without_waiting() -> None:
    made = DeclutterTransformer()
    given = [Document(PAGE), Document(TEXT)]
    found = asyncio.run(made.atransform_documents(given))
    assert found == made.transform_documents(given)


def test_it_travels_and_is_a_transformer() -> None:
    made = pickle.loads(pickle.dumps(DeclutterTransformer(options=Options(focus="precision"))))
    assert isinstance(made, BaseDocumentTransformer)
    assert made.options == Options(focus="precision")
    assert made.transform_documents([Document(TEXT)])[0].page_content == PROSE
    assert made.transform_documents([]) == []


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"focus": "strict"}, "focus must be one of"),
        ({"tags_to_extract": ["p"]}, "unknown option 'tags_to_extract'"),
        ({"options": {"focus": "recall"}}, "options must be declutter.Options"),
        ({"kind": "pdf"}, "kind must be one of"),
    ],
)
def test_wrong_options_are_refused_at_once(wrong: dict[str, Any], said: str) -> None:
    with pytest.raises(OptionError, match=said):
        DeclutterTransformer(**wrong)
