"""Feeds: readings that come by MQTT or in files, with the mapping as data.

Facts out: FeedDefined, FeedSwitched, FeedPasswordChanged, MappingsKept, FeedStateChanged, MessagesTaken,
FileBrought, FileDescribed, ImportBegun, RowsImported, ImportEnded, RecipeKept. Facts in: its own ImportBegun, which queues the import.

mapping.py      what a message means: topic and payload in, rows out. Pure
topics.py senml.py definitions.py   topics and filters, SenML, mappings as text. Pure
book.py fitting.py                  what is known of a town while messages are read; rows fitted to its series
client.py running.py                a feed's connection to its broker; all towns' feeds in one process
said.py         why something was refused, kept so that each reader has it in their own words. Pure
recipe.py moments.py suggest.py     what the columns of a file mean, times as people write them, a recipe guessed from a header. Pure
importing.py                        an import at work, batch by batch, going on where it was cut off
playing.py demo.py                  the demo's simulated cloud and its feed

What it is not: it judges nothing and keeps no readings itself; sensing does, as with those of any device.
"""
