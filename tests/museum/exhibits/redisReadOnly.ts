import { haproxy, type Caught } from "../exhibit";

export const exhibit: Caught = {
  report: "https://github.com/DandyDeveloper/charts/issues/57",
  what: "READONLY: connections go round among all members.",
  edits: [
    haproxy((config) =>
      config
        .replaceAll(/^ *use_backend redis.*\n/gm, "")
        .replace("frontend redis-primary\n", "frontend redis-primary\n    default_backend rabbitmq-amqp\n"),
    ),
  ],
  says: { question: "open", text: "redis" },
};
