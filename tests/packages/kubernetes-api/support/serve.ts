// Serves a cluster from the state file of the first argument, until it is killed.
import { startLocalKubernetes } from "@standin/kubernetes-api";

void startLocalKubernetes({ stateFile: process.argv[2] ?? ":memory:" }).then(({ kubeconfig }) => {
  process.stdout.write(JSON.stringify({ kubeconfig }) + "\n");
});
