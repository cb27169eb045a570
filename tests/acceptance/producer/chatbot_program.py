"""A chatbot that publishes until SIGTERM, and writes down at once what it was told about every event.

`chatbot_program.py BOOTSTRAP TOPIC SPOOL LEDGER threads|asyncio FIRST`: customers' messages are numbered from FIRST on.
A line of the ledger is `acknowledged|spooled|failed EVENT_ID`. It survives SIGKILL: the kernel has it.
"""

import asyncio
import logging
import os
import signal
import sys
import threading
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

from bitacora_producer import AsyncProducer, Delivery, Producer, SpoolSettings, Thread

THREADS = 8
CUSTOMERS = 5
PAUSE = 0.004
DRAIN_SECONDS = 90
STARTED = datetime(2026, 3, 2, 14, 0, tzinfo=UTC)


def main(bootstrap: str, topic: str, spool: str, ledger: str, mode: str, first: str) -> None:
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(name)s %(message)s")
    logging.getLogger("kafka").setLevel(logging.CRITICAL)
    file = os.open(ledger, os.O_WRONLY | os.O_CREAT | os.O_APPEND)

    def note(delivery: Delivery) -> None:
        os.write(file, f"{delivery.state} {delivery.event_id}\n".encode())

    settings = SpoolSettings(Path(spool), after=0.5, segment_bytes=64 * 1024)
    common = {"account": "acme", "connection": "wa-1", "topic": topic, "on_delivery": note, "spool": settings}
    if mode == "threads":
        publish_from_threads(Producer(bootstrap, **common), int(first))  # type: ignore[arg-type] # a plain dict
    else:
        asyncio.run(publish_from_tasks(AsyncProducer(bootstrap, **common), int(first)))  # type: ignore[arg-type] # as above


def publish_from_threads(producer: Producer, first: int) -> None:
    stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stop.set())

    def talk(talker: int) -> None:
        number = first
        while not stop.is_set():
            number += 1
            for customer in range(CUSTOMERS):
                producer.message_received(
                    customer_of(talker, customer),
                    text=str(number),
                    message_id=f"{talker}.{customer}.{number}",
                    time=STARTED + timedelta(milliseconds=number),
                )
            time.sleep(PAUSE * CUSTOMERS)

    talkers = [threading.Thread(target=talk, args=(talker,)) for talker in range(THREADS)]
    for talker in talkers:
        talker.start()
    for talker in talkers:
        talker.join()
    producer.drain(DRAIN_SECONDS)
    producer.close()


async def publish_from_tasks(producer: AsyncProducer, first: int) -> None:
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)

    async def talk(talker: int) -> None:
        number = first
        while not stop.is_set():
            number += 1
            for customer in range(CUSTOMERS):
                await producer.message_received(
                    customer_of(talker, customer),
                    text=str(number),
                    message_id=f"{talker}.{customer}.{number}",
                    time=STARTED + timedelta(milliseconds=number),
                )
            await asyncio.sleep(PAUSE * CUSTOMERS)

    async with producer:
        async with asyncio.TaskGroup() as group:
            for talker in range(THREADS):
                group.create_task(talk(talker))
        await producer.drain(DRAIN_SECONDS)


def customer_of(talker: int, customer: int) -> Thread:
    return Thread("webchat", "site", "external", f"t{talker}-c{customer}")


if __name__ == "__main__":
    main(*sys.argv[1:])
