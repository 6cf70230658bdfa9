"""Acts on the residents' register.

people.py      registering, telling anew, the head of a household, looking at sealed fields
homes.py       dwellings
links.py       the own account of somebody
tags.py        care and control
duplicates.py  merging, keeping apart
visits.py      what grid workers find at homes
files.py       rows of files
"""

from gongzhi.registers.residents.operations.duplicates import keep_apart, merge_residents
from gongzhi.registers.residents.operations.files import take_rows
from gongzhi.registers.residents.operations.homes import define_dwelling
from gongzhi.registers.residents.operations.links import link_account, prove_own_record, unlink_account
from gongzhi.registers.residents.operations.people import change_resident, head_household, register_resident, show_fields
from gongzhi.registers.residents.operations.tags import end_tag, review_tag, set_tag
from gongzhi.registers.residents.operations.visits import record_visit

__all__ = [
    "change_resident", "define_dwelling", "end_tag", "head_household", "keep_apart", "link_account", "merge_residents", "prove_own_record", "record_visit",
    "register_resident", "review_tag", "set_tag", "show_fields", "take_rows", "unlink_account",
]  # fmt: skip
