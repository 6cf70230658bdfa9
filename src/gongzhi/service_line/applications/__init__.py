"""Matters 办事: what people and firms ask of the town and the town decides: permits, certificates, registrations, benefits.

A matter (`ServiceItem`) is found by everyday words, explained on its own page, and filed with a form that its department makes and the
committee adopts. Form, materials, limits and procedure stand together in a version (`ItemVersion`); a running application stays on the
version it was filed under. An application is a case of the kind `application` 办, so that everything that happens to it afterwards is the
engine's; what is its own (values with their sources, materials, notices of what is missing, the two limits) stands in `Filing`.

vocabulary.py  the form: fields, conditions, its JSON Schema, the reading and judging of answers. Pure
patterns.py    how matters go: at once, on a promise, in the ordinary way, departments side by side, bundles, renewals. Pure
content.py     what an item's version says, read and judged. Pure
holding.py     what the town holds of who applies, with its source, under their own right
figures.py     the arithmetic of the board. Pure

Kind: application. Facts out: ItemDefined, ItemDrafted, ItemAdopted, ItemEnded, ItemsImported, ApplicationFiled, CompletionAsked,
ApplicationCorrected, MaterialAdded, MaterialJudged, ApplicationGranted, ApplicationSettled. Facts in: CaseClosed, CaseWithdrawn,
CaseDecided, CaseReopened, PersonErased.
It is not: policies and what the town publishes (`policies`, `openness`), the benefits of criteria (`foundation/criteria`), papers (`foundation/papers`).
"""
