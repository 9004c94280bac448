import { annotation, type Caught } from "../exhibit";

export const exhibit: Caught = {
  report: "https://github.com/dbinfrago/capella-collab-manager/pull/2047",
  what: "Uploads above a megabyte fail: the default of proxy-body-size.",
  edits: [annotation("chatwoot-web-support-keybuzz-io-rails-active-storage-c64d0e", "proxy-body-size", undefined)],
  says: { question: "patient", text: "proxy-body-size" },
};
