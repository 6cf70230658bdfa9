"""SensorThings: the stations and their readings by OGC SensorThings API 1.1 (18-088), for reading and writing.

Kind: a face of sensing with a memory of its own. A Thing is a station, a Datastream a series, an Observation a reading: there is no
second store of readings. What the standard knows beyond (descriptions, JSON properties, sensors, observed properties, places and
the times spent there, features of interest) stands in this module's tables, keyed to station and series.
Facts out: EntityCreated, EntityChanged, EntityWithdrawn, EntitiesDescribed. Facts in: none.
Not: MQTT (feeds), tasking, multi-datastreams, batch requests; readings that were moved to the archive are asked there.

language.py   $filter, $orderby, $select, $expand → plain trees, bounded         pathways.py   addresses → steps
entities.py   the eight sets: their properties, links and where they are read     compiling.py  trees → SQL with parameters
bodies.py     what may be sent                                                     arrays.py     data arrays by column
"""
