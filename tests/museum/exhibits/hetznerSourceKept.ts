import { closed, type Caught } from "../exhibit";

export const exhibit: Caught = {
  report: "https://github.com/hetznercloud/hcloud-cloud-controller-manager/issues/212",
  what: "The balancer's checks of the NodePort are never answered.",
  edits: [closed(undefined, 31080), closed(undefined, 80)],
  says: { question: "open", text: "allow tcp 80 from 10.0.0.5" },
};
