"""SensorThings: stations and their readings by OGC SensorThings API 1.1, part 1 (18-088), for reading and writing.

A Thing is a station, a Datastream a series, an Observation a reading: there is no second store. What stations do not know (places with
their history, instruments, definitions of what is observed, features of interest, details of a reading) stands in tables of this module.

Kind: none. Facts out: EntityCreated, EntityChanged, EntityWithdrawn, ObservationsTaken, EntitiesDescribed; stations, series and readings leave sensing's own.
Facts in: StationRegistered (a station that has moved gets a new place, and its history a line).

entities.py   the eight sets: properties, links, and the SQL that each stands for
language.py   $filter, $orderby, $expand and their kin, read into trees. Pure
compiling.py  trees into SQL, with kinds checked. Pure
pathways.py   addresses. Pure
bodies.py, arrays.py, patching.py  what is sent. Pure
shapes.py, moments.py  geometries and times. Pure

What it is not: a way round the rules. Readings are taken by sensing's operations, so limits, alarms, roll-ups and corrections are the same
as for any other reading; nothing is ever erased over this interface.
"""
