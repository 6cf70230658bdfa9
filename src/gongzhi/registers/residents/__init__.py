"""The residents' register 实有人口 房屋: dwellings, households, people, who lives where since when, and what the town must know to care or to guard.

Facts out: DwellingDefined, ResidentRegistered, ResidentChanged, ResidentMoved, ResidentLeft, ResidentDied, ResidentLinked, ResidentsMerged,
DuplicateSettled, TagSet, TagEnded, HomeVisited, ResidentsTaken. Facts in: PersonErased (the account is unlinked).
Not here: log-ins (people), what other organs hold (exchange), benefits.
"""
