"""Takes HJ 212 packets of all towns on one TCP port, keeps them, and answers when they are kept.

connection.py  one device's bytes: alike packets by their plan, everything else the careful way, in order
server.py      what waits together, one transaction for many packets, answers after its commit, requests to devices
spool.py       batches on disk while the database is away
database.py    what is asked of the database, in threads

A packet is answered when it is durable: committed, or, while the database is away, synced to the spool. Each batch has its key before
its first try, so that a try whose outcome was not heard is not done twice, and a spooled batch may be kept any number of times.
"""

from gongzhi.management_line.sensing.gateway.server import Gateway

__all__ = ["Gateway"]
