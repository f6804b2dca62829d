import { flagBits, systemFlag } from '../../../lib/flags.ts'
import { decodeWords } from '../../../lib/mime/encoded-word.ts'
import { fieldText, scanHeader } from '../../../lib/mime/header.ts'
import type {
  MessageRow,
  ModSeq,
  PackedFlags,
  RowField,
  SearchTexts,
  Uid,
} from '../../../ports/mail-store.ts'
import type { FlagTexts } from '../selected/flag-texts.ts'
import type { Selected } from '../session/session.ts'
import { leavesOf, type SearchKey } from '../wire/search-keys.ts'
import { isWithin, type SequenceSet, settle } from '../wire/sequence-set.ts'
import { fold } from './fold.ts'

/** What is known of a message so far; each stage of a search knows more. */
export interface Candidate {
  readonly uid: Uid
  readonly number: number
  readonly flags: PackedFlags
  readonly modSeq: ModSeq
  row?: MessageRow
  /** Those text keys that the octets of the message satisfy. */
  found?: ReadonlySet<SearchKey>
}

/** Whether a message fits; undefined where that takes more than is known. */
export type Condition = (candidate: Candidate) => boolean | undefined

interface Surroundings {
  readonly selected: Selected
  readonly flagTexts: FlagTexts
  readonly now: number
}

const dayMs = 86_400_000
/** Fields whose decoded text is in the row. */
const rowTexts: readonly string[] = ['from', 'to', 'cc', 'bcc', 'subject'] satisfies (keyof SearchTexts)[]

/** Cheap keys first, so that a message that fails them costs nothing more. */
const costs: Readonly<Record<SearchKey['kind'], number>> = {
  all: 0,
  numbers: 0,
  uids: 0,
  flag: 0,
  modseq: 0,
  not: 1,
  and: 1,
  or: 1,
  larger: 2,
  smaller: 2,
  received: 2,
  age: 2,
  id: 2,
  sent: 3,
  header: 3,
  body: 4,
  text: 4,
}

const fieldOf: Readonly<Partial<Record<SearchKey['kind'], RowField>>> = {
  larger: 'size',
  smaller: 'size',
  received: 'receivedAt',
  age: 'receivedAt',
  id: 'ids',
  sent: 'sentDay',
}

/** What has to be asked of the store before a condition can say yes or no. */
export function fieldsFor(key: SearchKey): Set<RowField> {
  return new Set(
    leavesOf(key).flatMap((leaf) =>
      leaf.kind === 'header' ? headerFieldOf(leaf) : (fieldOf[leaf.kind] ?? []),
    ),
  )
}

/** An empty string asks whether the field is there, which the decoded texts do not tell. */
function headerFieldOf({ field, text }: Extract<SearchKey, { kind: 'header' }>): 'search' | 'header' {
  return rowTexts.includes(field) && text !== '' ? 'search' : 'header'
}

/** The keys that only the octets of a message can answer. */
export function octetKeys(key: SearchKey): SearchKey[] {
  return leavesOf(key).filter((leaf) => leaf.kind === 'body' || leaf.kind === 'text' || isLongHeader(leaf))
}

/** Very long headers are not in the row. */
function isLongHeader(key: SearchKey): boolean {
  return key.kind === 'header' && headerFieldOf(key) === 'header'
}

export function condition(key: SearchKey, around: Surroundings): Condition {
  switch (key.kind) {
    case 'all':
      return () => true
    case 'and':
      return all(
        [...key.keys].sort((a, b) => costs[a.kind] - costs[b.kind]).map((each) => condition(each, around)),
      )
    case 'or':
      return either(condition(key.left, around), condition(key.right, around))
    case 'not':
      return opposite(condition(key.key, around))
    case 'numbers':
      return inNumbers(key.set, around.selected)
    case 'uids':
      return inUids(key.set, around.selected)
    case 'flag':
      return hasFlag(key.flag, key.set, around.flagTexts)
    case 'modseq':
      return ({ modSeq }) => modSeq >= key.atLeast
    case 'larger':
      return ({ row }) => row && (row.size ?? 0) > key.octets
    case 'smaller':
      return ({ row }) => row && (row.size ?? 0) < key.octets
    case 'received':
      // RFC 9051 §6.4.4: whatever the time and the zone; INTERNALDATE is shown in UTC.
      return ({ row }) => row && onDay(key.when, row.receivedAt, key.day)
    case 'sent':
      // RFC 9051 §6.4.4: the same for the Date field as it was written.
      return ({ row }) =>
        row && onDay(key.when, row.sentDay === undefined ? undefined : row.sentDay * dayMs, key.day)
    case 'age': {
      const border = around.now - key.seconds * 1000
      return ({ row }) => row && (key.when === 'older') === (row.receivedAt ?? 0) <= border
    }
    case 'id':
      return ({ row }) => row && row.ids?.[key.of === 'email' ? 'emailId' : 'threadId'] === key.id
    case 'header':
    case 'body':
    case 'text':
      return hasText(key)
  }
}

function all(conditions: readonly Condition[]): Condition {
  return (candidate) => {
    let result: boolean | undefined = true
    for (const each of conditions) {
      const verdict = each(candidate)
      if (verdict === false) return false
      if (verdict === undefined) result = undefined
    }
    return result
  }
}

function either(left: Condition, right: Condition): Condition {
  return (candidate) => {
    const first = left(candidate)
    if (first === true) return true
    const second = right(candidate)
    if (second === true) return true
    return first === undefined || second === undefined ? undefined : false
  }
}

function opposite(inner: Condition): Condition {
  return (candidate) => {
    const verdict = inner(candidate)
    return verdict === undefined ? undefined : !verdict
  }
}

function inNumbers(set: SequenceSet, selected: Selected): Condition {
  if (set.kind === 'saved') return inUids(set, selected)
  const ranges = settle(set.ranges, selected.numbering.count)
  return ({ number }) => isWithin(ranges, number)
}

function inUids(set: SequenceSet, { numbering, saved }: Selected): Condition {
  if (set.kind === 'ranges') {
    const ranges = settle(set.ranges, numbering.lastUid)
    return ({ uid }) => isWithin(ranges, uid)
  }
  const uids = new Set(saved)
  return ({ uid }) => uids.has(uid)
}

function hasFlag(flag: string, wanted: boolean, flagTexts: FlagTexts): Condition {
  const system = systemFlag(flag)
  if (system) return ({ flags }) => ((flags & flagBits[system]) !== 0) === wanted
  return ({ flags }) => flagTexts.hasKeyword(flags, flag) === wanted
}

function hasText(key: Extract<SearchKey, { kind: 'header' | 'body' | 'text' }>): Condition {
  if (key.kind !== 'header') return ({ found }) => found?.has(key)
  const needle = fold(key.text)
  if (headerFieldOf(key) === 'header') {
    return ({ row, found }) =>
      row?.header !== undefined ? hasField(row.header, key.field, needle) : found?.has(key)
  }
  const field = key.field as 'from' | 'to' | 'cc' | 'bcc' | 'subject'
  return ({ row }) => row && fold(row.search?.[field] ?? '').includes(needle)
}

function hasField(text: string, field: string, needle: string): boolean {
  const header = scanHeader(text)
  return header.fields.some(
    (each) => each.name === field && fold(decodeWords(fieldText(header, each))).includes(needle),
  )
}

function onDay(when: 'before' | 'on' | 'since', at: number | undefined, day: number): boolean {
  if (at === undefined) return false
  switch (when) {
    case 'before':
      return at < day
    case 'on':
      return at >= day && at < day + dayMs
    case 'since':
      return at >= day
  }
}
