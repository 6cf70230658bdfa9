"""The design system's parts, for every template."""

from django import template

register = template.Library()
