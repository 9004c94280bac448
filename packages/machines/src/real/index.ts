export { installTools, realMachinesAvailable, type Availability } from "./available";
export type { FleetNeeds } from "../../../../rehearsal/fleetNeeds";
export { goldenImage, type GoldenImage } from "./goldenImage";
export { realMachines } from "./realFleet";
export type { RealMachines, RealMachinesOptions } from "./realMachines";
