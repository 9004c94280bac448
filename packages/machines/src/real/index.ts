export { installTools, missingTools, realMachinesAvailable, type Availability } from "./available";
export { aptMirror, goldenImage, type GoldenImage, type GoldenImageArgs } from "./goldenImage";
export { realMachines } from "./realFleet";
export { GUEST_SUITE } from "./recipe";
export type { RealMachines, RealMachinesOptions } from "./realMachines";
