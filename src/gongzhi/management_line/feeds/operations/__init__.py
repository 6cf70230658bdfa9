"""Acts on feeds, by meaning.

setup.py     feeds set up and changed, their passwords and mappings
messages.py  what they bring kept, and how their connection stands
"""

from gongzhi.management_line.feeds.operations.messages import Taken, forget_session, note_state, refuse_message, take_messages
from gongzhi.management_line.feeds.operations.setup import BadFeed, BadTopic, CannotMap, FeedTaken, change_password, define_feed, keep_mappings, switch_feed

__all__ = [
    "BadFeed", "BadTopic", "CannotMap", "FeedTaken", "Taken", "change_password", "define_feed", "forget_session", "keep_mappings", "note_state",
    "refuse_message", "switch_feed", "take_messages",
]  # fmt: skip
