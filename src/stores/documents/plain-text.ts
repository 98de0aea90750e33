const PLAIN_KEY = /^[A-Za-z_][A-Za-z0-9_./@-]*$/;
const PLAIN_LINE = /^[A-Za-z_][\x20-\x7e]*$/;
const NOT_PLAIN = /: | #|[ :]$/;

/** Words that some YAML reader takes for something other than a text. */
const RESERVED = /^(?:y|n|yes|no|on|off|true|false|null)$/i;

/** A key of the lockfile: bare where every YAML reader takes it for the same text, else in JSON quotes. */
export function encodeKey(key: string): string {
  return PLAIN_KEY.test(key) && !RESERVED.test(key) ? key : JSON.stringify(key);
}

/** A text that has the rest of its line to itself. */
export function encodeLine(text: string): string {
  return PLAIN_LINE.test(text) && !NOT_PLAIN.test(text) && !RESERVED.test(text) ? text : JSON.stringify(text);
}
