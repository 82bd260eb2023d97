/** Seconds since 1970 as an `<input type="datetime-local">` has them, by the reader's clock; and back, NaN: none. */
export const toLocal = (atS: number): string => new Date(atS * 1000 - new Date(atS * 1000).getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
export const fromLocal = (text: string): number => new Date(text).getTime() / 1000;

/** When the reader's day began. */
export const dayOf = (atS: number): number => new Date(atS * 1000).setHours(0, 0, 0, 0) / 1000;
