import { closed, type Caught } from "../exhibit";

export const exhibit: Caught = {
  report: "https://github.com/canonical/microk8s/issues/1712",
  what: "calico-kube-controllers cannot come to the API: the firewall is closed to it.",
  edits: [closed(undefined, 6443)],
  says: { question: "open", text: "6443" },
};
