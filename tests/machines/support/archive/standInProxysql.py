#!/usr/bin/python3
# Stands in for ProxySQL, which no distribution has: reads its configuration, listens where it says, answers nothing.
import re, select, socket, sys

text = open(sys.argv[sys.argv.index("-c") + 1]).read()
listening = []
for place in re.search(r'^\s*interfaces="([^"]*)"', text, re.M).group(1).split(";"):
    host, port = place.split(":")
    listening.append(socket.create_server((host, int(port))))
while True:
    for ready in select.select(listening, [], [])[0]:
        ready.accept()[0].close()
