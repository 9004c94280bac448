export { installTools, missingTools, realMachinesAvailable, type Availability } from "./available";
export { aptMirror, goldenImage, type GoldenImage, type GoldenImageArgs } from "./goldenImage";
export type { Origin } from "./origin";
export { realMachines } from "./realFleet";
export { GUEST_SUITES, type GuestSuite } from "./recipe";
export type { RealMachines, RealMachinesOptions } from "./realMachines";
