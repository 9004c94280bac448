import { section, type Caught } from "../exhibit";

export const exhibit: Caught = {
  report: "https://github.com/patroni/patroni/issues/547",
  what: "HAProxy asks what members of any role answer: writes meet replicas.",
  edits: [section("postgres-leader", "uri /primary", "uri /health")],
  says: { question: "sound", text: "/health" },
};
