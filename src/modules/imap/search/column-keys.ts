import type { ColumnName } from '../../../ports/mail-columns.ts'
import type { SearchKey } from '../wire/search-key.ts'

const dayMs = 86_400_000

/** Fields whose decoded text the store keeps at hand. */
const textColumns = ['from', 'to', 'cc', 'bcc', 'subject'] as const

type TextName = (typeof textColumns)[number]

/** A key that looks into one of these. */
export type ColumnTextKey = Extract<SearchKey, { kind: 'header' }> & { readonly field: TextName }

/** An empty string asks whether the field is there, which its text does not tell. */
export function isColumnText(key: SearchKey): key is ColumnTextKey {
  return key.kind === 'header' && key.text !== '' && (textColumns as readonly string[]).includes(key.field)
}

/** A key that compares a number: which one, and how. NaN, where the message does not tell, never fits. */
export function numberTest(
  key: SearchKey,
  now: number,
): { readonly name: NumberName; readonly fits: (value: number) => boolean } | undefined {
  if (key.kind === 'larger') return { name: 'size', fits: (size) => size > key.octets }
  if (key.kind === 'smaller') return { name: 'size', fits: (size) => size < key.octets }
  // RFC 9051 §6.4.4: whatever the time and the zone; INTERNALDATE is shown in UTC.
  if (key.kind === 'received') return { name: 'receivedAt', fits: onDay(key.when, key.day, 1) }
  if (key.kind === 'saved') return { name: 'savedAt', fits: onDay(key.when, key.day, 1) }
  // RFC 9051 §6.4.4: the same for the Date field as it was written.
  if (key.kind === 'sent') return { name: 'sentDay', fits: onDay(key.when, key.day, dayMs) }
  if (key.kind !== 'age') return undefined
  // RFC 5032 §3
  const border = now - key.seconds * 1000
  if (key.when === 'older') return { name: 'receivedAt', fits: (at) => at <= border }
  return { name: 'receivedAt', fits: (at) => at > border }
}

type NumberName = Extract<ColumnName, 'size' | 'receivedAt' | 'savedAt' | 'sentDay'>

function onDay(when: 'before' | 'on' | 'since', day: number, unit: number): (value: number) => boolean {
  switch (when) {
    case 'before':
      return (value) => value * unit < day
    case 'on':
      return (value) => value * unit >= day && value * unit < day + dayMs
    case 'since':
      return (value) => value * unit >= day
  }
}
