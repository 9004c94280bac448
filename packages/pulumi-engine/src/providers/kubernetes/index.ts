export { kubernetesProvider, kubernetesProviderWith } from "./kubernetesProvider";
