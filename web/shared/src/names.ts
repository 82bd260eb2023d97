// One order of names for readers of both languages: Chinese ones by pinyin, numbers by their value.
const collator = new Intl.Collator("zh-CN", { numeric: true });

export const compareNames = (a: string, b: string): number => collator.compare(a, b);

/** Those of one name stay as they were. */
export const byName = <Named extends { name: string }>(all: readonly Named[]): Named[] => [...all].sort((a, b) => compareNames(a.name, b.name));
