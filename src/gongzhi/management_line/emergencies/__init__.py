"""Emergencies 应急: plans as data, alerts in and out, the response and what is learned from it.

Kind: emergency (mark 急). Facts out: PlanAdopted, EmergencyDeclared, LevelChanged, DutyChanged, EmergencyStoodDown, AlertIssued, AlertTaken.
Facts in: none; what triggers a plan asks `operations.take_alert` or is declared by people.

cap.py    CAP 1.2 messages: read, judged, written (pure)
plans.py  what a plan says, level by level, and what is wrong with it (pure)

What it is not: clocks, returns and the record of a case (cases), measuring (sensing), the care list (care).
"""
