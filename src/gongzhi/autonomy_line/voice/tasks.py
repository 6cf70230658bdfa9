"""What the clock does with conversations."""

from django.utils import timezone
from procrastinate.contrib.django import app

from gongzhi.autonomy_line.voice import operations, queries
from gongzhi.kernel.actors import CLOCK
from gongzhi.kernel.work import serve_towns, towns_having


@app.periodic(cron="* * * * *")
@app.task(name="voice.draw_maps", queue="clock", queueing_lock="voice.draw_maps", pass_context=False)
def draw_maps(timestamp: int) -> int:
    """Draw anew, in every town that needs it, the maps of conversations in which something was said since; return how many."""
    at = timezone.now()

    def draw(town_id: int) -> int:
        waiting = queries.stale(seen_by=CLOCK)
        for pk in waiting:
            operations.draw_map(by=CLOCK, at=at, conversation_id=pk)
        return len(waiting)

    return serve_towns(towns_having("maps_to_draw", at), draw)
