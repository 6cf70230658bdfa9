"""Sources: who pollutes by which outlet under which permit, what firms report, where risks and sensitive places lie, and where an exceedance comes from.

Facts out: SourceRegistered, OutletRegistered, PermitEntered, PermitEnded, ReturnFiled, ReturnChecked, ThresholdSet, RiskSourceRegistered,
SubstanceListed, PlanFiled, DrillRecorded, SensitivePlaceRegistered.

amounts.py    the yearly quantity that an outlet has used, from measured hours and returns. Pure
intensity.py  energy, water and emissions per 10,000 yuan of output, and the "three highs" 三高. Pure
tracing.py    likely sources of an exceedance by wind or upstream. Pure
earth.py      distances and bearings. Pure

What it is not: it orders nothing. An order to a firm is an act on the alarm's case (cases.join_case); the trace page leads there.
"""
