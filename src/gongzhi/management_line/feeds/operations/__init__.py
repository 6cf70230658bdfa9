"""Acts on feeds and files, by meaning.

setup.py     feeds set up and changed, their passwords and mappings
messages.py  what they bring kept, and how their connection stands
files.py     files of readings: brought, described, imported row by row
"""

from gongzhi.management_line.feeds.operations.files import (
    MOST_REFUSED,
    BegunAlready,
    CannotImport,
    NothingToGoOn,
    begin_import,
    bring_file,
    describe_file,
    end_import,
    forget_file,
    keep_recipe,
    take_rows,
)
from gongzhi.management_line.feeds.operations.messages import Taken, forget_session, note_state, refuse_message, take_messages
from gongzhi.management_line.feeds.operations.setup import BadFeed, BadTopic, CannotMap, FeedTaken, change_password, define_feed, keep_mappings, switch_feed

__all__ = [
    "MOST_REFUSED", "BadFeed", "BadTopic", "BegunAlready", "CannotImport", "CannotMap", "FeedTaken", "NothingToGoOn", "Taken", "begin_import", "bring_file",
    "change_password", "define_feed", "describe_file", "end_import", "forget_file", "forget_session", "keep_mappings", "keep_recipe", "note_state",
    "refuse_message", "switch_feed", "take_messages", "take_rows",
]  # fmt: skip
