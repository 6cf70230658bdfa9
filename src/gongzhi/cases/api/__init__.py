"""Cases over HTTP for programs: read by filters and cursor, open, and every act that a page offers.

The API reads the same table of acts as the pages (`acts.FACES`) and ends in the same operations, so what one may do by
token is what one may do by hand, narrowed by the token's scopes. Errors are problem+json that names the field.

shapes.py   what is answered of a case
reading.py  cases, queues of the desk, steps
opening.py  a case from a need
acting.py   one route for each act
lists.py    categories, responsibilities, procedures, kinds
kept.py     views of the desk that one keeps
figures.py  the town's figures
"""

from gongzhi.cases.api import acting, figures, kept, lists, opening, reading
from gongzhi.cases.api.shapes import router

__all__ = ["acting", "figures", "kept", "lists", "opening", "reading", "router"]
