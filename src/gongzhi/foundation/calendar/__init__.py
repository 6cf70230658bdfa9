"""Working time of a town: national holidays and make-up days, the town's own exceptions, its office hours.

Facts out: DaySet, OfficeHoursSet. Facts in: none.

national.py      which days the nation works, by kept libraries; a year without a notice is provisional and says so
working_time.py  office hours as one straight line of seconds, so that adding and measuring are look-ups

What it is not: it knows no cases and no limits; `cases.clock` counts on what this module answers.
"""
