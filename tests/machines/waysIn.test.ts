import { realMachinesAvailable } from "@standin/machines/real";
import { log } from "./support/bench";
import { waysInStory } from "./support/waysIn";

const possible = realMachinesAvailable();
if (!possible.ok) log(`skipped: real machines: ${possible.why}`);

(possible.ok ? describe : describe.skip)("ways in to real machines", () => waysInStory("real"));
