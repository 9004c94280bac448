import { createSocket, type Socket } from "node:dgram";

const HEADER_BYTES = 12;

/**
 * Answers every question with "no such name": nothing of the internet is here, and a machine that waits for a name
 * server that never answers is slow in everything it does.
 */
export function nameServer(address: string, onTrouble: (message: string) => void): Socket {
  const socket = createSocket("udp4");
  socket.on("error", (error) => onTrouble(`name server ${address}: ${error.message}`));
  socket.on("message", (query, from) => {
    const answer = noSuchName(query);
    if (answer !== undefined) socket.send(answer, from.port, from.address);
  });
  socket.bind(53, address);
  return socket;
}

/** RFC 1035 4.1: the header as a response, the first question again, and nothing else. */
export function noSuchName(query: Buffer): Buffer | undefined {
  const isQuery = query.length > HEADER_BYTES && ((query[2] ?? 0) & 0x80) === 0;
  let end = HEADER_BYTES;
  while (isQuery && end < query.length && query[end] !== 0) end += (query[end] ?? 0) + 1;
  end += 5;
  if (!isQuery || end > query.length) return undefined;
  const answer = Buffer.from(query.subarray(0, end));
  // Response, recursion as asked for and available, NXDOMAIN; one question.
  answer.writeUInt8(0x80 | ((query[2] ?? 0) & 0x79), 2);
  answer.writeUInt8(0x83, 3);
  answer.writeUInt16BE(1, 4);
  answer.fill(0, 6, HEADER_BYTES);
  return answer;
}
