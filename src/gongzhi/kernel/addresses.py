"""Finding a view among many addresses by the first word of the path.

Django tries pattern after pattern; of several hundred, most are told apart by their first word. What each word may lead to
is worked out once, in the order of the patterns; words with a parameter in them, and unknown ones, are tried as ever.
"""

from collections.abc import Iterable, Iterator
from typing import Any

from django.urls import URLPattern, URLResolver
from django.urls.resolvers import RoutePattern

Pattern = URLPattern | URLResolver


class ByFirstWord(URLResolver):
    """A resolver like any other that looks only at the patterns which the path's next word may lead to."""

    @classmethod
    def of(cls, resolver: URLResolver) -> "ByFirstWord":
        """Return the same addresses, found by their first word."""
        return cls(resolver.pattern, resolver.urlconf_name, resolver.default_kwargs, resolver.app_name, resolver.namespace)

    def resolve(self, path: str) -> Any:
        found = self.pattern.match(path)
        if found:
            word = found[0].partition("/")[0]
            known: dict[str, URLResolver] | None = self.__dict__.get("_by_word")
            if known is None:
                known = self.__dict__["_by_word"] = self._sorted()
            few = known.get(word)
            if few is not None:
                return few.resolve(path)
        return super().resolve(path)

    def _sorted(self) -> dict[str, URLResolver]:
        return {
            word: URLResolver(self.pattern, list(_leading(self.url_patterns, word)), self.default_kwargs, self.app_name, self.namespace)
            for word in set(_words(self.url_patterns))
        }  # fmt: skip


def _word(pattern: Pattern) -> str | None:
    """Return the word that paths of a pattern begin with, None where it may be any."""
    if not isinstance(pattern.pattern, RoutePattern):
        return None
    word, slash, _rest = str(pattern.pattern).partition("/")
    return None if "<" in word or (not slash and isinstance(pattern, URLResolver)) else word


def _words(patterns: Iterable[Pattern]) -> Iterator[str]:
    """Yield the words that paths of these patterns begin with, as far as they are named."""
    for pattern in patterns:
        if _adds_nothing(pattern):
            yield from _words(pattern.url_patterns)  # type: ignore[union-attr]  # only a resolver adds nothing
        else:
            word = _word(pattern)
            if word is not None:
                yield word


def _adds_nothing(pattern: Pattern) -> bool:
    return isinstance(pattern, URLResolver) and isinstance(pattern.pattern, RoutePattern) and str(pattern.pattern) == ""


def _leading(patterns: Iterable[Pattern], word: str) -> Iterator[Pattern]:
    """Yield the patterns, in their order, that a path beginning with the word may fit."""
    for pattern in patterns:
        if isinstance(pattern, URLResolver) and _adds_nothing(pattern):
            below = list(_leading(pattern.url_patterns, word))
            if below:
                yield URLResolver(pattern.pattern, below, pattern.default_kwargs, pattern.app_name, pattern.namespace)
        elif _word(pattern) in (None, word):
            yield pattern
