import { buildPicture } from "../picture/buildPicture";
import { layOut } from "../picture/layout";
import { svgFile } from "../picture/svg";
import { emittedGraph, EXAMPLE_SETTINGS } from "../stacks/emittedGraph";
import { environment } from "../stacks/prod";

export const PICTURE = "docs/picture.svg";

/** Prod as docs/picture.md shows it: with nobody's network, as in every example. */
export async function docsPicture(): Promise<string> {
  const picture = buildPicture(await emittedGraph(environment, EXAMPLE_SETTINGS), environment.name);
  return svgFile(picture, await layOut(picture));
}
