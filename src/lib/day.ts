/** `2027-01-31`: a day that the calendar has. */
export function isDay(text: string): boolean {
  if (!/^\d{4}-\d\d-\d\d$/.test(text)) return false
  const read = new Date(text)
  return !Number.isNaN(read.getTime()) && read.toISOString().startsWith(text)
}
