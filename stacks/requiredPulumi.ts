/**
 * The CLI that a run needs: what is `deletedWith` a server goes with one that is replaced only from 3.260 on. The same
 * as in Pulumi.yaml, which older ones do not read.
 */
export const REQUIRED_PULUMI = ">=3.260.0";
