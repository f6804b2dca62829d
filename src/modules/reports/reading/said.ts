import { isIP } from 'node:net'
import { parseDomain } from '../../../lib/address.ts'

/** What strangers wrote, as far as it is kept and shown to people: one line, bounded. */
export function lineOf(text: string, most = 200): string {
  return text
    .replace(/[\p{C}\s]+/gu, ' ')
    .trim()
    .slice(0, most)
}

export const wordOf = (text: string): string =>
  /^[a-z][a-z_-]{0,39}$/.exec(text.trim().toLowerCase())?.[0] ?? ''
export const domainSaid = (text: string): string => parseDomain(text.trim().replace(/\.$/, '')) ?? ''
export const ipOf = (text: string): string => (isIP(text.trim()) === 0 ? '' : text.trim().toLowerCase())
/** 0 where it is no number. */
export const numberOf = (text: string): number => (/^\d{1,12}$/.test(text.trim()) ? Number(text.trim()) : 0)
