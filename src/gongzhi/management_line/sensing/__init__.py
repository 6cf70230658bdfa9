"""Sensing: stations, devices, readings, limits and what goes beyond them.

Kind: alarm 警, proved by clean readings. Facts out: StationRegistered, DeviceRegistered, LimitSet, LimitEnded, ReadingsTaken,
AlarmOpened, AlarmAnswered, AlarmSettled. Facts in: CaseAnswered, CaseClosed (of alarms).

hj212/       HJ 212: frames, packets, answers. Pure
episodes.py  when a stretch beyond a limit begins, grows and ends. Pure
factors.py   factor codes and their names. Pure
gateway.py   takes packets over TCP, keeps them, answers when they are kept
demo.py      the stations that the simulator plays

What it is not: it assigns nothing and closes nothing by itself; an alarm is a case like any other.
"""
