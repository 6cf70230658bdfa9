"""Papers 文书: what the town gives out in writing: decisions, certificates, receipts, agreements, minutes, and whatever modules add.

A paper is set from our own template (data in, never markup), written as PDF/A, signed with the town's key (PAdES), numbered in
the series of its town, sort and year, and kept with its SHA-256. Anybody who has one can ask at /check/ whether it is ours and
whether it still holds.

Facts out: PaperIssued, PaperSuspended, PaperResumed, PaperRevoked, PaperReplaced, PaperKeysMade. Facts in: none.

sorts.py        which sorts of paper there are, what each says, who issues it: modules declare theirs
holders.py      whose a paper is
codes.py        check codes as they are read aloud and typed
typesetting.py  data and a template become a PDF/A file, or a refusal that names what cannot be written
keys.py         keys and certificates of the town, made here
signing.py      a file is signed; a signed file is judged
looking.py      what is wrong with a file that somebody brings, found without opening it
layouts/        the templates (typst)

What it is not: it decides nothing, and keeps no data of what a paper says besides the file.
"""
