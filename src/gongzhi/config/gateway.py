"""The process that takes readings: the HJ 212 gateway, and beside it the MQTT feeds of all towns.

One process instead of two saves some 90 MB. Feeds are looked up every few seconds, so one that is switched on later is noticed without a
restart, and where no town has any the MQTT client is not even loaded. Where much comes by MQTT, `./gongzhi serve --no-feeds` leaves them
out and `./gongzhi feeds` gives them a process and a core of their own.
"""

import argparse

import django


def main() -> None:
    """Run both until SIGTERM or Ctrl-C."""
    parser = argparse.ArgumentParser(prog="gateway")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=9212)
    parser.add_argument("--no-feeds", action="store_true")
    given = parser.parse_args()
    django.setup()
    from django.core.management import call_command

    from gongzhi.management_line.feeds.running import Feeds

    feeds = None if given.no_feeds else Feeds()
    if feeds is not None:
        feeds.start()
    try:
        call_command("gateway", host=given.host, port=given.port)
    finally:
        if feeds is not None:
            feeds.stop()


if __name__ == "__main__":
    main()
