import { buildPicture } from "../../../picture/buildPicture";
import { layOut, type Layout } from "../../../picture/layout";
import type { Picture } from "../../../picture/model";
import { prodGraph } from "../../support/emitted";

export const prodPicture: Picture = buildPicture(prodGraph(), "prod");

/** One layout for all tests of a file. */
export const prodLayout: Promise<Layout> = layOut(prodPicture);
