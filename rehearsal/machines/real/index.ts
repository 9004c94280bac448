export { installTools, realMachinesAvailable, type Availability } from "./available";
export type { FleetNeeds } from "./fleetNeeds";
export { goldenImage, type GoldenImage } from "./goldenImage";
export { realMachines, type RealMachines, type RealMachinesOptions } from "./realFleet";
