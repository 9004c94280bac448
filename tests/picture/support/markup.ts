/** Tags of a document that must be closed, and are not; and what is closed without having been opened. */
export function unbalanced(markup: string): readonly string[] {
  const wrong: string[] = [];
  const open: string[] = [];
  const tags = /<(\/?)([a-zA-Z][\w-]*)((?:\s+[\w:-]+="[^"<]*")*)\s*(\/?)>/g;
  const words = markup.replaceAll(/(?<=<style>)[^<]*(?=<\/style>)/g, "");
  const rest = words.replaceAll(tags, (_, closing: string, name: string, __: string, alone: string) => {
    if (closing !== "") {
      if (open.pop() !== name) wrong.push(`</${name}>`);
    } else if (alone === "") open.push(name);
    return "";
  });
  // Whatever is left of markup is none.
  const stray = /[<>]|&(?!(amp|lt|gt|quot|#39);)/.exec(rest);
  if (stray !== null) wrong.push(rest.slice(Math.max(0, stray.index - 40), stray.index + 40));
  return [...wrong, ...open];
}
