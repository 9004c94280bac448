# One AMQP client: answers each line of its standard input with one line.
#   hello - -> hello               declare QUEUE -> declared      publish QUEUE N -> N once the broker has confirmed it      drain QUEUE -> every message's body, separated by blanks
import os
import sys

import pika

connection = pika.BlockingConnection(
    pika.ConnectionParameters(
        host=os.environ["AMQP_HOST"],
        port=5672,
        virtual_host=os.environ["AMQP_VHOST"],
        credentials=pika.PlainCredentials(os.environ["AMQP_USER"], os.environ["AMQP_PASSWORD"]),
        heartbeat=10,
        socket_timeout=3,
        stack_timeout=5,
        blocked_connection_timeout=10,
    )
)
channel = connection.channel()
channel.confirm_delivery()
for line in sys.stdin:
    order, queue, *rest = line.split()
    if order == "hello":
        answer = "hello"
    elif order == "declare":
        channel.queue_declare(queue, durable=True)
        answer = "declared"
    elif order == "publish":
        channel.basic_publish("", queue, rest[0].encode(), pika.BasicProperties(delivery_mode=2), mandatory=True)
        answer = rest[0]
    else:
        bodies = []
        while True:
            method, _, body = channel.basic_get(queue, auto_ack=True)
            if method is None:
                break
            bodies.append(body.decode())
        answer = " ".join(bodies)
    print(answer, flush=True)
