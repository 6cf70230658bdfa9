"""A view found by the first word is the view that is found by trying every pattern."""

import re

import pytest
from django.urls import Resolver404, URLResolver, get_resolver, include, path, re_path

from gongzhi.kernel.addresses import ByFirstWord

SAMPLES = {"int": "7", "slug": "ab-1", "str": "词", "path": "a/b", "uuid": "0b5b0f8e-9d53-4d2c-8f55-0d2d0c7b1c11"}


def nothing(request, **kwargs):
    raise AssertionError("only found, never called")


def address(name):
    return path(name, nothing, name=name)


MADE = ByFirstWord.of(
    path(
        "x/",
        include(
            [
                address("desk/"), path("", include([address("cases/"), path("<slug:code>/edit/", nothing, name="any-edit"), address("desk/late/")])),
                path("cases/", include([path("<int:pk>/", nothing, name="case"), address("new")])), re_path(r"^open(?P<rest>.*)$", nothing, name="open"),
                address("desk/<slug:queue>/"), address("desk"), address(""), path("ca", include([path("tch/", nothing, name="catch")])),
            ]
        ),
    )
)  # fmt: skip


def _found(resolve, wanted):
    try:
        match = resolve(wanted)
    except Resolver404:
        return None
    return match.url_name, match.view_name, match.kwargs, match.route, match.func


@pytest.mark.parametrize(
    ("wanted", "name"),
    [("desk/", "desk/"), ("desk/late/", "desk/late/"), ("desk/mine/", "desk/<slug:queue>/"), ("desk", "desk"), ("", ""), ("cases/", "cases/"),
     ("cases/7/", "case"), ("cases/new", "new"), ("cases/edit/", "any-edit"), ("else/edit/", "any-edit"), ("openly/x", "open"), ("catch/", "catch"),
     ("cases/7", None), ("nothing/", None), ("case", None)],
)  # fmt: skip
def test_finds_what_trying_every_pattern_finds(wanted, name):
    found = _found(MADE.resolve, f"x/{wanted}")
    assert found == _found(lambda wanted: URLResolver.resolve(MADE, wanted), f"x/{wanted}")
    assert (found and found[0]) == name


def test_leaves_other_paths_to_others():
    assert _found(MADE.resolve, "y/desk/") is None


def _routes(resolver, before=""):
    for one in resolver.url_patterns:
        route = before + str(one.pattern)
        if isinstance(one, URLResolver):
            yield from _routes(one, route)
        elif "^" not in route:
            yield route


def test_every_address_of_the_product_is_found_as_by_trying():
    inside = [one for one in get_resolver().url_patterns if isinstance(one, ByFirstWord)]
    assert len(inside) == 2
    count = 0
    for resolver in inside:
        for route in _routes(resolver, str(resolver.pattern)):
            wanted = re.sub(r"<(?:(\w+):)?\w+>", lambda match: SAMPLES.get(match[1] or "str", "1"), route)
            found = _found(resolver.resolve, wanted)
            assert found == _found(lambda wanted, resolver=resolver: URLResolver.resolve(resolver, wanted), wanted), wanted
            count += found is not None
    assert count > 300
