import { parse } from "yaml";

/**
 * A machine's YAML file. Secrets are shown as "<<secret:...>>", which would be read as a merge of keys: they are words.
 *
 * @throws what the parser throws of a text that is no YAML
 */
export const hostYaml = (content: string): unknown => parse(content.replaceAll(/<<secret:[^>]*>>/g, "secret"));
