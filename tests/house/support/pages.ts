/** A page without its blocks of code. */
export const unfenced = (page: string): string => page.replace(/^```[\s\S]*?^```/gm, "");

/** "{a,b}/c" -> "a/c", "b/c". */
function expand(path: string): readonly string[] {
  const group = /\{([^{}]*)\}/.exec(path);
  if (group === null) return [path];
  return (group[1] ?? "").split(",").flatMap((part) => expand(path.replace(group[0], part)));
}

/**
 * The paths of this repository that a page names in `code`: whatever begins with one of its folders, is one of its
 * topmost files, or looks like a source file or a page.
 */
export function pathsIn(page: string, files: readonly string[]): readonly string[] {
  const tops = new Set(files.map((file) => file.split("/")[0] ?? ""));
  return [...unfenced(page).matchAll(/`([^`\n]+)`/g)]
    .map((match) => match[1] ?? "")
    .filter((code) => /^[\w@.{},*<>/-]+$/.test(code))
    .flatMap(expand)
    .filter((code) => {
      const [top = ""] = code.split("/");
      return code.includes("/")
        ? tops.has(top)
        : /\.(ts|mts|mjs|md|sh)$/.test(code) || (tops.has(top) && /\W/.test(top));
    });
}

/** The name by which a heading is linked, as GitHub makes it; undefined for other lines. */
export const slug = (line: string): string | undefined =>
  /^#+ /.test(line)
    ? line
        .replace(/^#+ /, "")
        .toLowerCase()
        .replace(/[^\w\- ]/g, "")
        .replaceAll(" ", "-")
    : undefined;
