// RFC 3339: what `format: date-time` means, an offset included.
const dateTimeShape =
  /^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])[tT ]([01]\d|2[0-3]):[0-5]\d:[0-5]\d(\.\d+)?([zZ]|[+-]([01]\d|2[0-3]):[0-5]\d)$/;
const dateShape = /^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])$/;

/** Date.parse lets 30 February roll over into March. */
function isInCalendar(text: string): boolean {
  const [year, month, day] = text.slice(0, 10).split('-').map(Number);
  return new Date(Date.UTC(year ?? 0, (month ?? 1) - 1, day)).getUTCDate() === day;
}

export const isDateTime = (text: string): boolean => dateTimeShape.test(text) && isInCalendar(text);

/** What `format: date` means. */
export const isDate = (text: string): boolean => dateShape.test(text) && isInCalendar(text);
