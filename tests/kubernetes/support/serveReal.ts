// Serves a real cluster (cache and state directory as arguments) until it is stopped, as the rehearsal's `cloud` does.
import { startRealKubernetes } from "@standin/kubernetes-api";

const [, , cacheDir = "", stateDir = ""] = process.argv;
void startRealKubernetes({ cacheDir, stateDir }).then((cluster) => {
  process.once("SIGTERM", () => void cluster.close().then(() => process.exit(0)));
  process.stdout.write("serving\n");
});
