"""Notices: in the product always, by mail and signed webhook as the person and the town chose.

Facts out: NoticeGiven, ChoiceMade. Facts in: NoticeGiven (its own: deliveries are made and queued).

signature.py  how webhooks are signed

None is lost when the outside is down: a delivery waits in the queue, is tried again with growing pauses, and those that
failed stand before the administrator at /notices/deliveries/.
"""
