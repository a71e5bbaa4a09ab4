"""The asking half of photoseek: what is searched for, with the model that makes vectors of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from time import perf_counter

from photoseek.errors import ModelMismatchError, QueryError
from photoseek.indexing.encoder_in_use import EncoderInUse
from photoseek.indexing.encoding import PhotoEncoder
from photoseek.photo_index import PhotoIndex
from photoseek.records import Embeddings, Found, Sort
from photoseek.search import grammar
from photoseek.search.answer import Search
from photoseek.search.grammar import QueryPart
from photoseek.search.inputs import Input, of_search, parts_of, read, read_all
from photoseek.search.listing import no_list
from photoseek.search.query_encoder import QueryEncoder
from photoseek.store import Where
from photoseek.store.sorting import sort_of


class PhotoQueries(PhotoIndex):
    """An index of photos that is asked with texts and pictures."""

    _encoders: EncoderInUse

    def search(
        self,
        query: str | Sequence[QueryPart] = "",
        *,
        top_k: int = 10,
        offset: int = 0,
        where: Where = (),
        hybrid: bool = False,
        dedupe: bool = False,
        sort: str | Sort | None = None,
        after: str = "",
    ) -> Found:
        """The photos nearest to a query, as `photoseek.search.grammar` describes it.

        Pictures are given as paths or bytes. An empty query lists the newest photos. `where` holds
        filters such as "width >= 2000", joined by AND. `hybrid` prefers photos whose caption or
        tags contain the words, `dedupe` takes copies of a photo together. `sort` is an order such
        as "taken", "indexed_at:asc" or "pixels": of the good hits, or of all photos without a
        query; such a list goes on `after` the `next_after` of the page before.

        Raises:
            QueryError: the query or a filter makes no sense, or a picture cannot be used.
        """
        parts = read(query)
        if not parts:
            return self.browse(top_k=top_k, offset=offset, where=where, sort=sort, after=after)
        no_list(after)
        order = sort_of(sort)
        conditions = self.checked(where)
        if not self._store.exists():
            return Found(query=grammar.write_query(parts))

        def ask(encoder: PhotoEncoder) -> Found:
            start = perf_counter()
            encoded = QueryEncoder(encoder).encode(parts)
            seconds = perf_counter() - start
            asked = Search(encoded, top_k, offset, conditions, hybrid, dedupe, order)
            found = self.answer(asked)
            text = grammar.write_query(grammar.understood(parts, encoded.tokens))
            found = replace(found, query=text, tokens=encoded.tokens, encode_seconds=seconds)
            return replace(found, tokenizer=encoded.tokenizer)

        try:
            return ask(self._encoders.for_queries())
        except ModelMismatchError:  # the index has got another model, and the one of before is gone
            return ask(self._encoders.for_photos().encoder)

    def search_all(
        self,
        queries: Sequence[str | Sequence[QueryPart]],
        *,
        top_k: int = 10,
        where: Where = (),
        hybrid: bool = False,
        dedupe: bool = False,
        sort: str | Sort | None = None,
    ) -> list[Found]:
        """The answers to several queries, in order; the rest is as in `search`.

        Raises:
            QueryError: one of them makes no sense; it says which.
        """
        found: list[Found] = []
        for place, parts in enumerate(read_all(queries)):
            try:
                each = self.search(
                    parts, top_k=top_k, where=where, hybrid=hybrid, dedupe=dedupe, sort=sort
                )
            except QueryError as error:
                raise of_search(place, error) from error
            found.append(each)
        return found

    def similar(
        self,
        photo_id: str,
        *,
        top_k: int = 10,
        offset: int = 0,
        where: Where = (),
        dedupe: bool = False,
    ) -> Found:
        """The photos nearest to one of the index.

        Raises:
            QueryError: there is none of that id, or a filter makes no sense.
        """
        part = QueryPart.of(id=photo_id)
        return self.search([part], top_k=top_k, offset=offset, where=where, dedupe=dedupe)

    def embed(self, inputs: Sequence[Input]) -> Embeddings:
        """The vectors of texts (`str`) and pictures (`bytes` or `Path`), in order.

        They are those that searches use, and those of the photos of an index with this model: a dot
        product of two is their cosine similarity.

        Raises:
            QueryError: a text is empty or too long, or a picture cannot be used; it says which.
        """
        return self.embed_parts(parts_of(inputs))

    def embed_parts(self, parts: Sequence[QueryPart]) -> Embeddings:
        """The same for parts of queries, each a text or the bytes of a picture."""
        return QueryEncoder(self._encoders.for_queries()).embed(parts)
