/**
 * One word for bash, whatever it holds but NUL.
 * @throws Error when the text holds a NUL character, which no argument can.
 */
export function shellQuote(text: string): string {
  if (text.includes("\0")) throw new Error("shellQuote: a word for the shell holds a NUL character; remove it");
  return `'${text.replaceAll("'", `'\\''`)}'`;
}

/**
 * The words of one line that `shellQuote` and plain words made: the inverse, not a shell.
 * @throws Error on anything that neither of them writes.
 */
export function shellWords(line: string): readonly string[] {
  const words: string[] = [];
  const word = /(?:'[^']*'|\\'|[A-Za-z0-9_@%+=:,./~-])+/y;
  let position = 0;
  while (position < line.length) {
    if (line[position] === " ") {
      position += 1;
      continue;
    }
    word.lastIndex = position;
    const match = word.exec(line);
    if (match === null) throw new Error(`not a plain or single-quoted word at column ${position + 1}`);
    words.push(
      match[0].replace(/'([^']*)'|\\'/g, (part, inner: string | undefined) => (part === "\\'" ? "'" : (inner ?? ""))),
    );
    position = word.lastIndex;
  }
  return words;
}
