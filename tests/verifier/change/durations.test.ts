import { readFileSync } from "node:fs";
import { join } from "node:path";
import { DURATIONS } from "../../../verifier/change/durations";

const PAGE = readFileSync(join(__dirname, "../../../docs/benchmarks.md"), "utf8");

/** "3.3 to 4.5 s" of the rows whose title begins like this: the shortest and the longest of all of them. */
function measured(title: RegExp): readonly [number, number] {
  const numbers = PAGE.split("\n").flatMap((line) => {
    const [, name = "", seconds = ""] = line.split("|").map((cell) => cell.trim());
    return title.test(name) ? (seconds.match(/\d+(\.\d+)?/g) ?? []).map(Number) : [];
  });
  return [Math.min(...numbers), Math.max(...numbers)];
}

test.each<[service: string, handOver: RegExp | undefined, lost: RegExp]>([
  ["postgres", /^PostgreSQL with etcd: rolling change/, /^PostgreSQL with (etcd|Raft): power cut/],
  ["redis", /^Redis: rolling change/, /^Redis: power cut/],
  ["rabbitmq", /^RabbitMQ: rolling change/, /^RabbitMQ: power cut/],
  ["mariadb", /^Galera: rolling change/, /^Galera: power cut/],
  ["haproxy", undefined, /a HAProxy host is lost/],
])("what is told of %s was measured", (service, handOver, lost) => {
  const told = DURATIONS.services[service];
  expect(told?.lost).toEqual(measured(lost));
  expect(told?.handOver).toEqual(handOver === undefined ? undefined : measured(handOver));
});
