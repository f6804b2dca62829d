import type { X509Certificate } from 'node:crypto'
import type { LineageNotes } from './notes.ts'

const minuteMs = 60_000
/** An authority lets a name fail a few times an hour. */
const waits = [1, 10, 60, 180, 360, 720].map((minutes) => minutes * minuteMs)

/** How long to wait after so many failures in a row. */
export function backoffMs(failures: number): number {
  return waits[failures - 1] ?? 720 * minuteMs
}

/** When the authority wants it; otherwise when a third of its life is left. UTC milliseconds. */
export function renewalDue(certificate: X509Certificate, { renewal }: Pick<LineageNotes, 'renewal'>): number {
  const from = Date.parse(certificate.validFrom)
  const until = Date.parse(certificate.validTo)
  const third = until - (until - from) / 3
  if (renewal?.serial !== certificate.serialNumber) return third
  // RFC 9773 §4.3: whatever it says, not after its end
  return Math.min(renewal.renewAt, until - (until - from) / 10)
}
