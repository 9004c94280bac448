import { section, type Caught } from "../exhibit";

export const exhibit: Caught = {
  report: "https://github.com/redis/redis/issues/1813",
  what: "A former primary comes back as one, and HAProxy believes it.",
  edits: [section("redis-primary.redis-01.named", /^ *tcp-check expect .*string .r.n1.*\n/m, "")],
  says: { question: "sound", text: "redis-01" },
};
