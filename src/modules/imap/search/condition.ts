import { flagBits, systemFlag } from '../../../lib/flags.ts'
import { decodeWords } from '../../../lib/mime/encoded-word.ts'
import { fieldText, scanHeader } from '../../../lib/mime/header.ts'
import { fold, holds, type Needle, needleOf } from '../../../lib/search/fold.ts'
import type { MessageRow, ModSeq, PackedFlags, RowField, Uid } from '../../../ports/mail-store.ts'
import type { FlagTexts } from '../selected/flag-texts.ts'
import type { Selected } from '../session/session.ts'
import { leavesOf, type SearchKey } from '../wire/search-key.ts'
import { isWithin, type SequenceSet, settle } from '../wire/sequence-set.ts'
import { type ColumnTextKey, isColumnText, numberTest } from './column-keys.ts'
import type { Leads } from './leads.ts'
import type { UidSet } from './verdicts.ts'

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
  /** These two grow while the search goes on. */
  readonly verdicts: ReadonlyMap<SearchKey, UidSet>
  readonly leads: Leads
}

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
  saved: 2,
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
  saved: 'savedAt',
  age: 'receivedAt',
  id: 'ids',
  sent: 'sentDay',
}

/** What has to be asked of the store before the rest of these keys can say yes or no. */
export function fieldsFor(leaves: readonly SearchKey[]): Set<RowField> {
  return new Set(
    leaves.flatMap((leaf) => {
      if (leaf.kind === 'header') return isColumnText(leaf) ? 'search' : 'header'
      return fieldOf[leaf.kind] ?? []
    }),
  )
}

/** The keys that only the octets of a message can answer. */
export function octetKeys(key: SearchKey): SearchKey[] {
  return leavesOf(key).filter((leaf) => leaf.kind === 'body' || leaf.kind === 'text' || isLongHeader(leaf))
}

/** Very long headers are not in the row. */
function isLongHeader(key: SearchKey): boolean {
  return key.kind === 'header' && !isColumnText(key)
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
    case 'smaller':
    case 'received':
    case 'saved':
    case 'sent':
    case 'age':
      return hasNumber(key, around)
    case 'id':
      return ({ row }) => row && row.ids?.[key.of === 'email' ? 'emailId' : 'threadId'] === key.id
    case 'header':
      return isColumnText(key) ? hasColumnText(key, around) : byLead(key, around, hasHeader(key))
    case 'body':
    case 'text':
      return byLead(key, around, ({ found }) => found?.has(key))
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

function hasNumber(key: SearchKey, { now, verdicts }: Surroundings): Condition {
  const test = numberTest(key, now)
  return ({ uid, row }) => verdicts.get(key)?.has(uid) ?? (row && test?.fits(row[test.name] ?? Number.NaN))
}

function hasColumnText(key: ColumnTextKey, { verdicts }: Surroundings): Condition {
  const needle = needleOf(key.text)
  return ({ uid, row }) =>
    verdicts.get(key)?.has(uid) ?? (row && holds(fold(row.search?.[key.field] ?? ''), needle))
}

function hasHeader(key: Extract<SearchKey, { kind: 'header' }>): Condition {
  const needle = needleOf(key.text)
  return ({ row, found }) =>
    row?.header !== undefined ? hasField(row.header, key.field, needle) : found?.has(key)
}

/** What the index says, and where it does not know, what reading says. */
function byLead(key: SearchKey, { leads }: Surroundings, read: Condition): Condition {
  return (candidate) => {
    const lead = leads.get(key)
    if (lead?.sure.has(candidate.uid)) return true
    return lead && !lead.open.has(candidate.uid) ? false : read(candidate)
  }
}

function hasField(text: string, field: string, needle: Needle): boolean {
  const header = scanHeader(text)
  return header.fields.some(
    (each) => each.name === field && holds(fold(decodeWords(fieldText(header, each))), needle),
  )
}
