"""Acts on matters and applications, by meaning.

items.py    define, draft, adopt, end, import
filing.py   file an application, complete it, add papers
handling.py name what is missing, judge papers, grant
settling.py what has ended and is counted; bundles whose parts have ended
"""

from gongzhi.service_line.applications.operations.filing import (
    AnswersWrong,
    ChooseFirm,
    MaterialsMissing,
    NotForYou,
    NotOffered,
    PromiseNeeded,
    add_material,
    correct_filing,
    file_application,
    file_at_window,
)
from gongzhi.service_line.applications.operations.handling import NothingNamed, StillLacking, ask_correction, grant, judge_material
from gongzhi.service_line.applications.operations.items import (
    BadItem,
    CodeTaken,
    NothingToAdopt,
    UnknownUnit,
    adopt_item,
    draft_item,
    end_item,
    import_items,
)
from gongzhi.service_line.applications.operations.settling import forget_values, settle, settle_bundle

__all__ = [
    "AnswersWrong", "BadItem", "ChooseFirm", "CodeTaken", "MaterialsMissing", "NotForYou", "NotOffered", "NothingNamed", "NothingToAdopt", "PromiseNeeded",
    "StillLacking", "UnknownUnit", "add_material", "adopt_item", "ask_correction", "correct_filing", "draft_item", "end_item", "file_application",
    "file_at_window", "forget_values", "grant", "import_items", "judge_material", "settle", "settle_bundle",
]  # fmt: skip
