export { kubernetesProvider } from "./kubernetesProvider";
