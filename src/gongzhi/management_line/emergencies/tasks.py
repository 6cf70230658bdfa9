"""What the clock does in emergencies: situation reports when they are due. May run twice: a report made is due no more."""

from django.utils import timezone
from procrastinate.contrib.django import app

from gongzhi.kernel.actors import CLOCK
from gongzhi.kernel.work import serve_towns, towns_having
from gongzhi.management_line.emergencies import operations, queries


@app.periodic(cron="* * * * *")
@app.task(name="emergencies.report_situations", queue="clock", queueing_lock="emergencies.report_situations")
def report_situations(timestamp: int) -> None:
    """Make the situation reports that are due in every town."""

    def report(town_id: int) -> None:
        now = timezone.now()
        for emergency in queries.reports_due(seen_by=CLOCK, at=now):
            operations.make_report(by=CLOCK, at=now, emergency_id=emergency.pk)

    serve_towns(towns_having("situation_reports", timezone.now()), report)
