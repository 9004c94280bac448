export { runEngine } from "./engine";
export type { EngineOptions, EngineResult } from "./engineOptions";
export type { Diagnostic, EngineEvent, Operation, ResourceResult, Severity, Summary } from "./events";
export type { ShownDifference } from "./diff";
export { EngineError } from "./errors";
export type { EngineErrorCode } from "./errors";
export { stateSummary } from "./stateSummary";
export type { ResourceSummary, StateSummary } from "./stateSummary";
