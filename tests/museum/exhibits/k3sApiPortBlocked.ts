import { closed, type Caught } from "../exhibit";

export const exhibit: Caught = {
  report: "https://github.com/k3s-io/k3s/issues/1280",
  what: "Agents never join: UFW drops 6443.",
  edits: [closed("k3s-master-01", 6443)],
  says: { question: "open", text: "6443" },
};
