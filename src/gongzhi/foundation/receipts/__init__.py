"""Receipts: what was done under an idempotency key, so that a call sent twice is done once.

A receipt is written in the very transaction of the act (`subscribers.py`), so there is no moment in which the act is
done and the receipt is not. The answer is added afterwards; should the process die in between, the receipt still says
that it was done and what it made.

keeping.py  under which key the present call works
"""
