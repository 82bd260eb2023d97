// Names as they are typed on a Latin keyboard: 王芳 is "wangfang" and "wf".
import pinyin from "tiny-pinyin";

const known = new Map<string, string>();

/** The pinyin of a name without tones, and its initials; characters with several readings get the usual one. */
export function spelled(name: string): string {
  const found = known.get(name);
  if (found !== undefined) return found;
  const syllables = pinyin.parse(name).map((each) => each.target.toLowerCase());
  const text = `${syllables.join("")} ${syllables.map((each) => each[0] ?? "").join("")}`;
  known.set(name, text);
  return text;
}
