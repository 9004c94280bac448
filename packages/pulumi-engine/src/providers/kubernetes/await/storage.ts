import { listAt, textAt } from "@standin/kubernetes-api/wire/json";
import { condition, failed, isTrue, ready, waiting, type Judge } from "./judgement";

export const judgeClaim: Judge = async (live, { client, signal }) => {
  const phase = textAt(live, "status", "phase");
  if (phase === "Bound") return ready;
  if (phase === "Lost") return failed("its volume is lost");
  const classes = listAt(await client.get("/apis/storage.k8s.io/v1/storageclasses", signal), "items");
  const wanted = textAt(live, "spec", "storageClassName");
  const used = classes.find((item) =>
    wanted === undefined
      ? textAt(item, "metadata", "annotations", "storageclass.kubernetes.io/is-default-class") === "true"
      : textAt(item, "metadata", "name") === wanted,
  );
  // Such a claim is bound when the first pod uses it, which comes later.
  if (textAt(used, "volumeBindingMode") === "WaitForFirstConsumer") return ready;
  return waiting(
    used === undefined ? `there is no StorageClass "${wanted ?? "(default)"}"` : "no volume is bound to it yet",
  );
};

export const judgeVolume: Judge = (live) => {
  const phase = textAt(live, "status", "phase");
  return phase === "Available" || phase === "Bound" ? ready : waiting(`the volume is ${phase ?? "not seen yet"}`);
};

export const judgeNamespace: Judge = (live) =>
  textAt(live, "status", "phase") === "Active"
    ? ready
    : waiting(`the namespace is ${textAt(live, "status", "phase") ?? "not seen yet"}`);

export const judgeCrd: Judge = (live) => {
  if (isTrue(condition(live, "Established"))) return ready;
  const names = condition(live, "NamesAccepted");
  return textAt(names, "status") === "False"
    ? failed(textAt(names, "message") ?? "its names are taken")
    : waiting("it is not established yet");
};
