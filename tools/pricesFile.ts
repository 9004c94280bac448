import { readFileSync } from "node:fs";
import { PricesError, readPrices, type Prices } from "../cost/prices";

/** @throws PricesError where there is no such file, or no table of prices in it */
export function readPricesFile(file: string): Prices {
  let json: string;
  try {
    json = readFileSync(file, "utf8");
  } catch (error) {
    throw new PricesError(`--prices ${file}: ${(error as Error).message}`);
  }
  return readPrices(json, file);
}
