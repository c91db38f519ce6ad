"""Mentions to records of the shop: exact, in the singular, by words of a title, by attributes, with one slip of the pen.

Title words are looked up in the vocabulary's index alone. Attributes (a colour, a type, a collection) name the predicate,
and the store says which records meet it now. What could be one of several is a question, and what resembles something
only in meaning is never linked, only offered.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from rapidfuzz import fuzz, process

from agent.planning.linking.phrases import Phrase, SizeRange, other_size, phrase
from agent.planning.linking.synonyms import other_words
from agent.planning.linking.vocabulary import Vocabulary, Word, stem, words_of
from agent.sdk import Between, Money, Product, Selection, Sizes, Store, Variant, Where, among, every
from agent.sdk.store import Mention

Embed = Callable[[Sequence[str]], NDArray[np.float32]]

MOST_OPTIONS = 8
MOST_EMBEDDED = 1000
"""Titles worth embedding for the sake of a suggestion: about a millisecond each, once per version of the vocabulary."""
NEAR = 0.45
"""Least cosine for a suggestion: below, titles of the demo shop have nothing to do with the words."""
_ORDER = ("product_type", "collection", "vendor", "tag", "option")
"""Which kind a name is taken for when several things bear it and the merchant did not say."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Linked:
    """Records found."""

    start: int
    end: int
    products: tuple[str, ...]
    """Ids of products, or of customers or orders where `record` says so."""
    variants: tuple[str, ...] | None = None
    """Only these variants of the products, a product's id standing for all of its own; None for all of them."""
    where: Where
    label: str
    head: tuple[Word, ...] = ()
    """What the mention is about, for "the red one" later on."""
    record: str = "product"

    def ids(self, record: str) -> tuple[str, ...]:
        return self.variants if record == "variant" and self.variants is not None else self.products


@dataclass(frozen=True, slots=True, kw_only=True)
class Several:
    """One record was meant and several match."""

    start: int
    end: int
    said: str
    options: tuple[tuple[str, str], ...]
    """(id, title), at most MOST_OPTIONS."""
    total: int
    all_of_them: str
    """The words that mean all of them, as an answer."""
    head: tuple[Word, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Nothing:
    """No record matches; `near` are titles like it."""

    start: int
    end: int
    said: str
    near: tuple[tuple[str, str], ...]
    head: tuple[Word, ...] = ()


Link = Linked | Several | Nothing
_AGES = frozenset({
    "new", "newer", "newest", "latest", "recent", "old", "older", "oldest", "existing", "current", "other", "rest", "remaining", "first", "last",
})  # fmt: skip
"""Words that say which of the goods, and name none."""


_MADE_OF = {"wooden": "wood", "woollen": "wool", "woolen": "wool", "woolly": "wool", "silken": "silk", "leathery": "leather", "glassy": "glass"}
"""What is said of things for the material that a shop names them by."""


@dataclass(frozen=True, slots=True)
class Need:
    """Words that a record must meet, by its title or by one of these names."""

    stems: tuple[str, ...]
    names: tuple[Mention, ...]

    def kind(self) -> Mention | None:
        return next((name for kind in _ORDER for name in self.names if name.kind == kind), None)


class Linker:
    """Links the mentions of one request to records of one shop."""

    def __init__(self, store: Store, vocabulary: Vocabulary, embed: Embed | None = None) -> None:
        self.store, self.vocabulary, self._embed = store, vocabulary, embed

    async def goods(self, text: str, start: int, end: int, *, head: Sequence[Word] = (), category: bool = False, many: bool = False) -> Link:
        """The products or variants that a mention means.

        Args:
            head: Words of the earlier mention that "one" stands for.
            category: A noun in the singular without an article may mean all of its kind ("mug sales"); for reading only.
            many: The noun it leans on stands for several: "the blue ‖ and green linen shirts".
        """
        said = phrase(text, start, end, self.vocabulary, head=head)
        said = replace(said, plural=said.plural or many)
        for spelled in self._spellings(said):
            found = await self._found(spelled, category=category and not said.definite)
            if not isinstance(found, Nothing):
                return found
        for spelled in self._spellings(said) if said.kinds else ():  # "the tees from Gwyn Endurance": no vendor is called so, but goods are
            unnamed = not any(name.kind in said.kinds for need in self._needs(spelled) for name in need.names)
            if unnamed and not isinstance(found := await self._found(replace(spelled, kinds=()), category=False), Nothing):
                return found
        return await self._with_near(self._nothing(said))

    async def narrowed(self, link: Linked, *, price: Between[Money] | None = None, stock: Between[int] | None = None, whole: bool = False) -> Linked:
        """Only what also meets a price or a stock, as the store has them now.

        Args:
            whole: The stock is that of all its variants together: a dress is not sold out where its size M is.
        """
        records = await every(self.store.products, Selection[Product](ids=link.products))
        if whole and stock is not None:
            records = [p for p in records if any(v.tracked for v in p.variants) and among(sum(v.on_hand for v in p.variants if v.tracked), stock)]
            link, stock = replace(link, variants=None, where=link.where.model_copy(update={"stock": stock})), None
        kept = [
            (p, [v for v in _chosen(p, link) if among(v.price, price) and (stock is None or v.tracked) and among(v.on_hand, stock)]) for p in records
        ]
        conditions = {k: v for k, v in (("price", price), ("stock", stock)) if v is not None}
        where = link.where.model_copy(update={**conditions, "everything": False})
        return _linked(replace(link, where=where), [(product, variants) for product, variants in kept if variants])

    async def without(self, link: Linked, excluded: Linked) -> Linked:
        """All but these."""
        label, gone = f"{link.label} except {excluded.label}", frozenset(excluded.ids("variant"))
        if excluded.variants is None and link.variants is None:
            return replace(link, products=tuple(id for id in link.products if id not in gone), label=label)
        records = await every(self.store.products, Selection[Product](ids=link.products))
        kept = [(p, [v for v in _chosen(p, link) if v.id not in gone and p.id not in gone]) for p in records]
        return replace(_linked(link, [(p, variants) for p, variants in kept if variants]), label=label)

    @staticmethod
    def together(links: Sequence[Linked]) -> Linked:
        """All of several mentions: "mugs and plates"."""
        products = tuple(dict.fromkeys(id for link in links for id in link.products))
        some = any(link.variants is not None for link in links)
        variants = tuple(dict.fromkeys(id for link in links for id in link.ids("variant"))) if some else None
        label = ", ".join(link.label for link in links[:-1]) + f" and {links[-1].label}"
        same = all(link.where == links[0].where for link in links)
        where = links[0].where if same else Where(text=label)
        return Linked(start=links[0].start, end=links[-1].end, products=products, variants=variants, where=where, label=label, head=links[-1].head)

    def labelled(self, id: str) -> Linked | None:
        """The product of an id, as page context or an answer gives it."""
        title = self.vocabulary.products.get(id)
        return Linked(start=0, end=0, products=(id,), where=Where(text=title), label=title, head=tuple(words_of(title))) if title else None

    async def _found(self, said: Phrase, *, category: bool) -> Link:
        if not said.words:
            return await self._unnamed(said, category=category)
        exact = self.vocabulary.titles.get(said.stems, ())
        if exact and not (said.kinds or said.sizes or said.options):
            return await self._conditioned(said, self._by_title(said, exact)) if len(exact) == 1 or said.many else self._several(said, exact)
        needs = self._needs(said)
        if all(word.text.lower() in _AGES for word in said.words) and not any(need.names for need in needs):
            return self._nothing(said)  # "the new products" are not the one whose title begins so
        if any(not need.names and not self.vocabulary.by_word.get(need.stems[0]) for need in needs):
            # a word that is in no name of the shop
            return self._nothing(said)
        collective = said.many or category or _is_group(needs, said) or _is_kind(needs, said)
        titled = self.vocabulary.titled(said.stems) if not said.kinds else frozenset()
        if titled and not collective and said.sizes is None:
            return await self._one(said, titled)
        if not any(need.names for need in needs) and said.sizes is None:
            return await self._conditioned(said, self._by_title(said, sorted(titled))) if titled else self._nothing(said)
        return await self._by_attributes(said, needs, titled, collective=collective)

    async def _one(self, said: Phrase, titled: Iterable[str]) -> Link:
        ids = sorted(titled)
        same = [id for id in ids if sorted(stem(w.text) for w in words_of(self.vocabulary.products[id])) == sorted(said.stems)]
        chosen = same if len(same) == 1 else ids
        return await self._conditioned(said, self._by_title(said, chosen)) if len(chosen) == 1 else self._several(said, chosen)

    async def _by_attributes(self, said: Phrase, needs: Sequence[Need], titled: frozenset[str], *, collective: bool) -> Link:
        kept: list[tuple[Product, list[Variant]]] = []
        named = frozenset() if collective else self._by_the_rest(said, needs)
        for product in (
            await self._candidates(needs, titled) if not named else await every(self.store.products, Selection[Product](ids=tuple(sorted(named))))
        ):
            variants = _meeting(product, needs, said.sizes)
            if variants and (said.status is None or product.status == said.status):
                kept.append((product, variants))
        if said.stock is not None:
            kept = [(p, ok) for p, variants in kept if (ok := [v for v in variants if v.tracked and among(v.on_hand, said.stock)])]
        if not kept:
            return self._nothing(said)
        if len(kept) > 1 and not collective:
            return self._several(said, [product.id for product, _ in kept])
        where = _where(said, needs, [product for product, _ in kept])
        return _linked(self._blank(said, where), kept)

    def _by_the_rest(self, said: Phrase, needs: Sequence[Need]) -> frozenset[str]:
        """Products whose titles have every word that is no option: "the linen summer dress in size M" is that dress, and not
        any linen dress of the summer collection."""
        rest = [stem for need in needs for stem in need.stems if not (need.names and all(name.kind == "option" for name in need.names))]
        if rest and not said.kinds and len(rest) > 1 and (called := self.vocabulary.titles.get(tuple(rest))):
            return frozenset(called)  # "the merino beanie in charcoal" is not the chunky one, where one is called just so
        return self.vocabulary.titled(rest) if rest and not said.kinds else frozenset()

    async def _candidates(self, needs: Sequence[Need], titled: frozenset[str]) -> list[Product]:
        """Records among which are all that meet every need: those with the title words that name nothing else, else those of
        the type, else those with the first name."""
        typed = next((name for need in needs for name in need.names if name.kind == "product_type"), None)
        plain = [word for need in needs if not need.names for word in need.stems]
        if plain:
            ids = self.vocabulary.titled(plain)
            return await every(self.store.products, Selection[Product](ids=tuple(sorted(ids)))) if ids else []
        if typed is not None:
            found = await every(self.store.products, Where(product_type=typed.label))
        else:
            name = needs[0].kind()
            found = await every(self.store.products, _named(name)) if name else []
            also = self.vocabulary.titled(needs[0].stems) if name and name.kind == "option" else frozenset()
            titled |= also
        missing = tuple(sorted(titled - {product.id for product in found})) if typed is None or not found else ()
        return found + (await every(self.store.products, Selection[Product](ids=missing)) if missing else [])

    async def _unnamed(self, said: Phrase, *, category: bool) -> Link:
        """No noun: everything, or all drafts, or all that is out of stock, or size M."""
        if said.status is None and said.stock is None and said.sizes is None:
            # "the products" are not all of them when something is to be changed
            if not (said.every or (said.plural and category)):
                return self._nothing(said)
            where = Where(everything=True)
            return replace(self._blank(said, where), products=tuple(self.vocabulary.products), label="everything")
        where = Where(status=said.status, stock=said.stock)
        records = await every(self.store.products, where)
        kept = [
            (p, v)
            for p in records
            if (v := [one for one in _meeting(p, (), said.sizes) if said.stock is None or (one.tracked and among(one.on_hand, said.stock))])
        ]
        return _linked(self._blank(said, where), kept) if kept else self._nothing(said)

    async def _conditioned(self, said: Phrase, link: Linked) -> Link:
        """A link by title with what else was said of it: in stock, draft."""
        if said.status is None and said.stock is None:
            return link
        records = await every(self.store.products, Selection[Product](ids=link.products))
        kept = [(p, v) for p in records if said.status in (None, p.status) and (v := [one for one in p.variants if among(one.on_hand, said.stock)])]
        where = link.where.model_copy(update={"status": said.status, "stock": said.stock})
        return _linked(replace(link, where=where), kept) if kept else self._nothing(said)

    def _needs(self, said: Phrase) -> list[Need]:
        needs, at = [], 0
        while at < len(said.words):
            word = said.words[at]
            length, names = self.vocabulary.phrase_at(said.stems, at)
            is_option = word.start in said.options
            if length <= 1 and (other := other_size(word.stem)):
                names += tuple(name for name in self.vocabulary.phrases.get((other,), ()) if name.kind == "option")
            if not names and (made := _MADE_OF.get(word.stem)):
                names = self.vocabulary.phrases.get((made,), ())  # "wooden" is also what is tagged wood
            if said.kinds or is_option:
                kinds = ("option",) if is_option else said.kinds
                names = tuple(name for name in names if name.kind in kinds) or names
            if len(word.stem) == 1 and not (is_option or word.text.isupper()):
                names = ()  # a single letter is a size only where it is written as one
            length = length if names and length else 1
            needs.append(Need(said.stems[at : at + length], names))
            at += length
        return needs

    def _spellings(self, said: Phrase) -> list[Phrase]:
        """The phrase as said, then with each unknown word put right in every way that is near."""
        unknown = [at for at, word in enumerate(said.words) if not self.vocabulary.knows(word.stem)]
        if not unknown or len(unknown) > 2:
            return [said]
        spellings = [said]
        for at in unknown:
            word = said.words[at].stem
            others = [other for other in other_words(word, self.vocabulary.knows) if self.vocabulary.names_goods(other)]
            near = others or self.vocabulary.near(word, alone=len(said.words) == 1)
            spellings = [_respelled(one, at, word) for one in spellings for word in near]
        return spellings[:4] or [said]

    def _by_title(self, said: Phrase, ids: Sequence[str]) -> Linked:
        titles = [self.vocabulary.products[id] for id in ids]
        words = " ".join(word.text for word in said.words)
        label = titles[0] if len(ids) == 1 else words
        return replace(self._blank(said, Where(text=words)), products=tuple(ids), label=label)

    def _blank(self, said: Phrase, where: Where) -> Linked:
        label = " ".join(said.said.split()).removeprefix("the ").removeprefix("all ")
        return Linked(start=said.start, end=said.end, products=(), where=where, label=label, head=said.words)

    def _several(self, said: Phrase, ids: Sequence[str]) -> Several:
        named = sorted(((id, self.vocabulary.products.get(id, id)) for id in ids), key=lambda pair: (len(pair[1]), pair[1]))
        words = " ".join(word.text for word in said.words)
        return Several(
            start=said.start,
            end=said.end,
            said=said.said,
            options=tuple(named[:MOST_OPTIONS]),
            total=len(named),
            all_of_them=f"all {words}",
            head=said.words,
        )

    def _nothing(self, said: Phrase) -> Nothing:
        leaning = [word.text for word in said.words if not said.start <= word.start < said.end]
        return Nothing(start=said.start, end=said.end, said=" ".join([said.said, *leaning]), near=(), head=said.words)

    async def _with_near(self, nothing: Nothing, limit: int = 5) -> Nothing:
        """With products whose titles are like the words, for a question: in letters, then in meaning."""
        titles = self.vocabulary.products
        written = process.extract(nothing.said, titles, scorer=fuzz.token_set_ratio, score_cutoff=55, limit=limit)
        found = {id: title for title, _, id in written}
        if len(found) < limit and 0 < len(titles) <= MOST_EMBEDDED:
            # in a thread: the first time, every title has to be embedded
            for id in await asyncio.to_thread(self._like, nothing.said):
                found.setdefault(id, titles[id])
        return replace(nothing, near=tuple(list(found.items())[:limit]))

    def _like(self, said: str) -> list[str]:
        if self._embed is None:
            return []
        ids = list(self.vocabulary.products)
        if "titles" not in self.vocabulary.vectors:
            self.vocabulary.vectors["titles"] = self._embed([self.vocabulary.products[id] for id in ids])
        vectors: Any = self.vocabulary.vectors["titles"]
        scores = vectors @ self._embed([said])[0]
        return [ids[i] for i in np.argsort(-scores)[:5] if scores[i] >= NEAR]


def _respelled(said: Phrase, at: int, spelled: str) -> Phrase:
    word = said.words[at]
    return replace(said, words=(*said.words[:at], Word(spelled, spelled, word.start, word.end), *said.words[at + 1 :]))


def _is_group(needs: Sequence[Need], said: Phrase) -> bool:
    """Nothing but a vendor, a collection or a tag is named: that is always a group."""
    return bool(said.kinds and "option" not in said.kinds) or all(
        need.names and all(name.kind in ("vendor", "collection", "tag", "option") for name in need.names) for need in needs
    )


def _is_kind(needs: Sequence[Need], said: Phrase) -> bool:
    """Whether it is a kind of goods in the shop's own word for it and without an article: "10% off knitwear"."""
    word = " ".join(said.said.split()).casefold()
    return len(needs) == 1 and any(name.kind in ("product_type", "collection") and name.label.casefold() == word for name in needs[0].names)


def _named(name: Mention) -> Where:
    match name.kind:
        case "product_type":
            return Where(product_type=name.label)
        case "vendor":
            return Where(vendor=name.label)
        case "tag":
            return Where(tags=[name.label])
        case "collection":
            return Where(collection=name.label)
        case _:
            return Where(options={name.option or "": [name.label]})


def _meeting(product: Product, needs: Sequence[Need], sizes: SizeRange | None) -> list[Variant]:
    """The product's variants that meet every need and size; none where the product does not."""
    variants = list(product.variants)
    title = {word.stem for word in words_of(product.title)}
    for need in needs:
        if set(need.stems) <= title or any(_has(product, name) for name in need.names):
            continue
        values = {(name.option, name.label.casefold()) for name in need.names if name.kind == "option"}
        variants = [v for v in variants if any((option, value.casefold()) in values for option, value in v.options.items())]
    return [v for v in variants if sizes is None or _is_sized(product, v, sizes)]


def _has(product: Product, name: Mention) -> bool:
    label = name.label.casefold()
    match name.kind:
        case "product_type":
            return product.product_type.casefold() == label
        case "vendor":
            return product.vendor.casefold() == label
        case "tag":
            return label in {tag.casefold() for tag in product.tags}
        case "collection":
            return label in {title.casefold() for title in product.collections}
        case _:
            return False


def _is_sized(product: Product, variant: Variant, sizes: SizeRange) -> bool:
    for option, values in product.options.items():
        places = {value.casefold(): at for at, value in enumerate(values)}
        if option not in variant.options or not {size for size in (sizes.low, sizes.high) if size} <= set(places):
            continue
        at, inner = places[variant.options[option].casefold()], int(sizes.open)
        return (sizes.low is None or at >= places[sizes.low] + inner) and (sizes.high is None or at <= places[sizes.high] - inner)
    return False


def _where(said: Phrase, needs: Sequence[Need], products: Sequence[Product]) -> Where:
    """The predicate that the records found have in common, in the merchant's terms."""
    fields: dict[str, Any] = {"status": said.status, "stock": said.stock}
    options: dict[str, list[str]] = {}
    text: list[str] = []
    for need in needs:
        name = next((n for kind in _ORDER for n in need.names if n.kind == kind and (kind == "option" or all(_has(p, n) for p in products))), None)
        if name is None or (name.kind == "option" and all(set(need.stems) <= {w.stem for w in words_of(p.title)} for p in products)):
            text += need.stems
        elif name.kind == "option":
            options.setdefault(name.option or "", []).append(name.label)
        elif name.kind == "tag":
            fields["tags"] = [*fields.get("tags", []), name.label]
        else:
            fields[name.kind] = name.label
    sizes = _stretch(said.sizes, products) if said.sizes is not None else None
    return Where(text=" ".join(text) or None, options=options, sizes=sizes, **{k: v for k, v in fields.items() if v is not None})


def _stretch(said: SizeRange, products: Sequence[Product]) -> Sizes:
    """The sizes meant, in a product's own order of them; of "below L" the largest is the one before."""
    ends = {size for size in (said.low, said.high) if size}
    ordered = ((option, values) for product in products for option, values in product.options.items())
    option, values = next(((o, list(v)) for o, v in ordered if {value.casefold() for value in v} >= ends), ("Size", []))
    places = {value.casefold(): at for at, value in enumerate(values)}

    def end(size: str | None, step: int) -> str | None:
        if size is None or size not in places:
            return size and size.upper()
        return values[min(max(places[size] + (step if said.open else 0), 0), len(values) - 1)]

    return Sizes(option=option, at_least=end(said.low, 1), at_most=end(said.high, -1))


def _chosen(product: Product, link: Linked) -> list[Variant]:
    return [v for v in product.variants if link.variants is None or v.id in link.variants or product.id in link.variants]


def _linked(blank: Linked, kept: Sequence[tuple[Product, Sequence[Variant]]]) -> Linked:
    whole = all(len(variants) == len(product.variants) for product, variants in kept)
    label = blank.label
    if len(kept) == 1:
        product, variants = kept[0]
        label = product.title if whole else variants[0].label if len(variants) == 1 else f"{product.title} ({len(variants)} variants)"
    return replace(
        blank, products=tuple(product.id for product, _ in kept), label=label,
        variants=None if whole else tuple(v.id for _, variants in kept for v in variants),
    )  # fmt: skip
