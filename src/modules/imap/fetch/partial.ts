import type { Partial } from '../wire/fetch-items.ts'

/** RFC 9051 §6.4.5: a partial that begins behind the end is empty. */
export function cut(from: number, to: number, partial: Partial | undefined): { from: number; to: number } {
  if (!partial) return { from, to }
  const start = Math.min(from + partial.from, to)
  return { from: start, to: Math.min(start + partial.octets, to) }
}
