import type { Decoder } from './decoder.ts'

const months = ['JAN', 'FEB', 'MAR', 'APR', 'MAY', 'JUN', 'JUL', 'AUG', 'SEP', 'OCT', 'NOV', 'DEC']
const form = /^([0-9]{1,2})-([A-Z]{3})-([0-9]{4})$/

/** RFC 9051 §9 date, quoted or not: the start of that day, UTC milliseconds. */
export function parseSearchDate(d: Decoder): number {
  const at = d.offset
  const [, day = '', month = '', year = ''] = form.exec(d.astring().toUpperCase()) ?? d.fail('date', at)
  const date = new Date(Date.UTC(Number(year), months.indexOf(month), Number(day)))
  // Years below 100 mean 19xx to Date.UTC; 31-Feb becomes March.
  date.setUTCFullYear(Number(year))
  if (!months.includes(month) || date.getUTCDate() !== Number(day)) d.fail('date', at)
  return date.getTime()
}
