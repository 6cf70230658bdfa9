"""Policies 政策: what the town has set down, in force from a day to a day, with a reading in plain words beside the letter.

Kind: none. Facts out: PolicyReleased, PolicyEnded (repealed, replaced or run out), ReadingPublished, SubscriptionChanged,
DraftPublished, OpinionGiven, OpinionAnswered, ConsultationClosed.
Facts in: none.
Not here: conditions and who meets them (criteria), how one is told (notices), what the town must disclose (openness).

linked.py  what a policy makes or rests on, by kind and code; modules above say how theirs are called and where they stand
"""
