/** A port that another program holds, or a damaged file of the local cloud: the operator's to mend, not a defect. */
export class LocalCloudError extends Error {}
