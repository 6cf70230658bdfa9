"""Openness 公开: questions to the town, requests for its papers, and the statutory list of what it must show by itself.

Kinds: enquiry (mark 询), disclosure (mark 申, 政府信息公开条例, State Council decree 711).
Facts out: those of the engine; EnquiryAsked, DisclosureRequested, ColumnDefined, ColumnFilled, EntryPublished.
Facts in: CaseDecided, CaseClosed.
Not here: states, clocks, parties and ratings (cases), policies and readings (policies), hot topics (topics).
"""
