/** One way that is open and that nobody declared. */
export interface Exposure {
  /** Sources with one name for the reader: hosts, balancers, pods. */
  readonly from: string;
  readonly to: string;
  readonly at: string;
  /** The rule that opens it. */
  readonly rule: string;
  readonly remedy: string;
}
