import type { Decoder } from './decoder.ts'
import { type FetchItem, fetchAttributes } from './fetch-items.ts'
import { type MailboxFilter, mailboxFilter } from './mailbox-filter.ts'

/** What may happen, as bits: many are put together for each mailbox. RFC 5465 §5. */
export const events = {
  MessageNew: 1,
  MessageExpunge: 2,
  FlagChange: 4,
  MailboxName: 8,
  SubscriptionChange: 16,
  MailboxMetadataChange: 32,
  ServerMetadataChange: 64,
} as const

/** Sums of `events`. */
export type EventBits = number

export const messageEvents: EventBits = events.MessageNew | events.MessageExpunge | events.FlagChange

/** Of the selected mailbox, whichever that is. RFC 5465 §6.1, §6.2. */
export interface SelectedEvents {
  readonly bits: EventBits
  /** EXPUNGE waits for a command behind which numbers may shift. */
  readonly isDelayed: boolean
  /** What is shown of messages as they arrive. */
  readonly shown: readonly FetchItem[]
}

/** Of mailboxes that are not selected; no bits is NONE, which hides the groups behind it. */
export interface EventGroup {
  readonly filter: MailboxFilter
  readonly bits: EventBits
}

export type NotifyArguments =
  | { readonly kind: 'none' }
  | {
      readonly kind: 'set'
      readonly status: boolean
      readonly selected: SelectedEvents | undefined
      readonly groups: readonly EventGroup[]
      /** Names of events that nobody here knows. */
      readonly unknown: readonly string[]
    }

interface Reading {
  selected: SelectedEvents | undefined
  readonly groups: EventGroup[]
  readonly unknown: string[]
}

/** Behind `NOTIFY`. RFC 5465 §8. */
export function notifyArguments(d: Decoder): NotifyArguments {
  if (d.sp().tryWord('NONE')) return { kind: 'none' }
  if (!d.tryWord('SET')) d.fail('SET or NONE')
  const status = d.sp().tryWord('STATUS')
  if (status) d.sp()
  const reading: Reading = { selected: undefined, groups: [], unknown: [] }
  do eventGroup(d, reading)
  while (d.trySp())
  return { kind: 'set', status, ...reading }
}

/** `(subtree Lists (MessageNew MessageExpunge))` */
function eventGroup(d: Decoder, reading: Reading): void {
  const at = d.expect('(').offset
  const kind = d.keyword('filter-mailboxes').toLowerCase()
  const isSelected = kind === 'selected' || kind === 'selected-delayed'
  // RFC 5465 §6: one of the two, once.
  if (isSelected && reading.selected) d.fail('selected once', at)
  const filter = isSelected ? undefined : (mailboxFilter(d, kind) ?? d.fail('filter-mailboxes', at))
  const { bits, shown } = eventsOf(d.sp(), isSelected, reading.unknown)
  d.expect(')')
  if (filter) reading.groups.push({ filter, bits })
  else reading.selected = { bits, isDelayed: kind === 'selected-delayed', shown }
}

function eventsOf(
  d: Decoder,
  isSelected: boolean,
  unknown: string[],
): { bits: EventBits; shown: readonly FetchItem[] } {
  if (d.tryWord('NONE')) return { bits: 0, shown: [] }
  const at = d.offset
  const before = unknown.length
  let bits: EventBits = 0
  let shown: readonly FetchItem[] = []
  d.listOfSome(() => {
    const name = d.atom()
    const bit = bitOf(name)
    if (bit === undefined) unknown.push(name)
    bits |= bit ?? 0
    // RFC 5465 §8: attributes of new messages are for the selected mailbox.
    if (isSelected && bit === events.MessageNew && d.ahead(2) === ' (') shown = fetchAttributes(d.sp())
  })
  // What is not known here is refused in its own way.
  if (unknown.length === before) checkTogether(d, bits, isSelected, at)
  return { bits, shown }
}

/** RFC 5465 §5: new messages and expunges come together, and flags with both. §8: of the selected mailbox, messages alone. */
function checkTogether(d: Decoder, bits: EventBits, isSelected: boolean, at: number): void {
  const both = events.MessageNew | events.MessageExpunge
  const isHalf = (bits & messageEvents) !== 0 && (bits & both) !== both
  if (isHalf) d.fail('MessageNew and MessageExpunge together', at)
  if (isSelected && (bits & ~messageEvents) !== 0) d.fail('message events', at)
}

function bitOf(name: string): EventBits | undefined {
  const lower = name.toLowerCase()
  return Object.entries(events).find(([known]) => known.toLowerCase() === lower)?.[1]
}
