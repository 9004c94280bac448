import { createSocket, type Socket } from "node:dgram";

const HEADER_BYTES = 12;

const QUESTION_END_BYTES = 4;
const ADDRESS_TYPE = 1;

/** Names that are known, and the address of each. */
export type KnownNames = ReadonlyMap<string, string>;

/**
 * Answers every question about any other name with "no such name": nothing of the internet is here, and a machine that
 * waits for a name server that never answers is slow in everything it does.
 */
export function nameServer(address: string, known: KnownNames, onTrouble: (message: string) => void): Socket {
  const socket = createSocket("udp4");
  socket.on("error", (error) => onTrouble(`name server ${address}: ${error.message}`));
  socket.on("message", (query, from) => {
    const answer = answerTo(query, known);
    if (answer !== undefined) socket.send(answer, from.port, from.address);
  });
  socket.bind(53, address);
  return socket;
}

/** RFC 1035 4.1: the header as a response, the first question again, and the address of a known name; nothing else. */
export function answerTo(query: Buffer, known: KnownNames = new Map()): Buffer | undefined {
  const isQuery = query.length > HEADER_BYTES && ((query[2] ?? 0) & 0x80) === 0;
  const labels: string[] = [];
  let end = HEADER_BYTES;
  while (isQuery && end < query.length && query[end] !== 0) {
    const next = end + (query[end] ?? 0) + 1;
    labels.push(query.toString("latin1", end + 1, next).toLowerCase());
    end = next;
  }
  end += 1 + QUESTION_END_BYTES;
  if (!isQuery || end > query.length) return undefined;
  const address = known.get(labels.join("."));
  const asksForIt = query.readUInt16BE(end - QUESTION_END_BYTES) === ADDRESS_TYPE;
  const record = address === undefined || !asksForIt ? undefined : addressRecord(address);
  const answer = Buffer.from(query.subarray(0, end));
  // Response, recursion as asked for and available; NXDOMAIN for what is not known; one question.
  answer.writeUInt8(0x80 | ((query[2] ?? 0) & 0x79), 2);
  answer.writeUInt8(address === undefined ? 0x83 : 0x80, 3);
  answer.writeUInt16BE(1, 4);
  answer.fill(0, 6, HEADER_BYTES);
  if (record === undefined) return answer;
  answer.writeUInt16BE(1, 6);
  return Buffer.concat([answer, record]);
}

/** The name of the question by a pointer to it, type A, class IN, a minute, four bytes. */
function addressRecord(address: string): Buffer {
  return Buffer.from([0xc0, HEADER_BYTES, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4, ...address.split(".").map(Number)]);
}
