import { gone, type Caught } from "../exhibit";

export const exhibit: Caught = {
  report: "https://github.com/kubernetes/website/issues/38267",
  what: "Default deny for what goes out, and no name resolves.",
  edits: [gone("policies-chatwoot-allow-any-pod")],
  says: { question: "open", text: "dns" },
};
