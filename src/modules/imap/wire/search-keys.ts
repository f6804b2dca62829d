import { parseSearchDate } from './date.ts'
import type { Decoder } from './decoder.ts'
import { fuzzily } from './fuzzy.ts'
import type { SearchKey } from './search-key.ts'
import type { SequenceSet } from './sequence-set.ts'

const deepest = 100

const flagKeys: Readonly<Record<string, { flag: string; set: boolean }>> = {
  ANSWERED: { flag: '\\Answered', set: true },
  DELETED: { flag: '\\Deleted', set: true },
  DRAFT: { flag: '\\Draft', set: true },
  FLAGGED: { flag: '\\Flagged', set: true },
  SEEN: { flag: '\\Seen', set: true },
  UNANSWERED: { flag: '\\Answered', set: false },
  UNDELETED: { flag: '\\Deleted', set: false },
  UNDRAFT: { flag: '\\Draft', set: false },
  UNFLAGGED: { flag: '\\Flagged', set: false },
  UNSEEN: { flag: '\\Seen', set: false },
}

const dateKeys: Readonly<
  Record<string, { kind: 'received' | 'saved' | 'sent'; when: 'before' | 'on' | 'since' }>
> = {
  BEFORE: { kind: 'received', when: 'before' },
  ON: { kind: 'received', when: 'on' },
  SINCE: { kind: 'received', when: 'since' },
  // RFC 8514 §4.3
  SAVEDBEFORE: { kind: 'saved', when: 'before' },
  SAVEDON: { kind: 'saved', when: 'on' },
  SAVEDSINCE: { kind: 'saved', when: 'since' },
  SENTBEFORE: { kind: 'sent', when: 'before' },
  SENTON: { kind: 'sent', when: 'on' },
  SENTSINCE: { kind: 'sent', when: 'since' },
}

const headerKeys = ['BCC', 'CC', 'FROM', 'SUBJECT', 'TO']

/** One or more, all of which must fit. `read` makes text of a string's octets. */
export function searchKeys(d: Decoder, read: (octets: string) => string): SearchKey {
  const keys = [searchKey(d, read, 0)]
  while (d.trySp()) keys.push(searchKey(d, read, 0))
  return allOf(keys)
}

function allOf(keys: readonly SearchKey[]): SearchKey {
  const [only] = keys
  return only && keys.length === 1 ? only : { kind: 'and', keys }
}

function searchKey(d: Decoder, read: (octets: string) => string, depth: number): SearchKey {
  if (depth > deepest) d.fail(`at most ${deepest} levels of nesting`)
  if (d.peek() === '(') return allOf(d.listOfSome(() => searchKey(d, read, depth + 1)))
  if (d.startsSequenceSet()) return { kind: 'numbers', set: d.messageNumbers() }
  const at = d.offset
  const name = d.keyword('search-key')
  return (
    stateKey(name) ??
    combinedKey(d, name, read, depth) ??
    textKey(d, name, read) ??
    valueKey(d, name) ??
    d.fail('search-key', at)
  )
}

function stateKey(name: string): SearchKey | undefined {
  const flag = flagKeys[name]
  if (flag) return { kind: 'flag', ...flag }
  // Nothing is \Recent here, as in IMAP4rev2: OLD is everything, NEW and RECENT nothing. RFC 3501 §6.4.4.
  // And every message knows when it was saved: RFC 8514 §4.3.
  if (name === 'ALL' || name === 'OLD' || name === 'SAVEDATESUPPORTED') return { kind: 'all' }
  if (name === 'NEW' || name === 'RECENT') return { kind: 'not', key: { kind: 'all' } }
  return undefined
}

function combinedKey(
  d: Decoder,
  name: string,
  read: (octets: string) => string,
  depth: number,
): SearchKey | undefined {
  if (name === 'NOT') {
    d.sp()
    return { kind: 'not', key: searchKey(d, read, depth + 1) }
  }
  if (name === 'FUZZY') {
    d.sp()
    return fuzzily(searchKey(d, read, depth + 1))
  }
  if (name !== 'OR') return undefined
  d.sp()
  const left = searchKey(d, read, depth + 1)
  d.sp()
  return { kind: 'or', left, right: searchKey(d, read, depth + 1) }
}

function textKey(d: Decoder, name: string, read: (octets: string) => string): SearchKey | undefined {
  const text = () => read(d.sp().astringOctets())
  if (headerKeys.includes(name)) return { kind: 'header', field: name.toLowerCase(), text: text() }
  switch (name) {
    case 'BODY':
      return { kind: 'body', text: text() }
    case 'TEXT':
      return { kind: 'text', text: text() }
    case 'HEADER': {
      const field = d.sp().astring().toLowerCase()
      return { kind: 'header', field, text: text() }
    }
    default:
      return undefined
  }
}

function valueKey(d: Decoder, name: string): SearchKey | undefined {
  const date = dateKeys[name]
  if (date) return { ...date, day: parseSearchDate(d.sp()) }
  switch (name) {
    case 'UID':
      return { kind: 'uids', set: d.sp().sequenceSet() }
    // RFC 9738 §3.3: with a limit, a client goes on below what it has.
    case 'UIDAFTER':
      return { kind: 'uids', set: uidsFrom(d.sp().nzNumber() + 1, 0xffff_ffff) }
    case 'UIDBEFORE':
      return { kind: 'uids', set: uidsFrom(1, d.sp().nzNumber() - 1) }
    case 'KEYWORD':
      return { kind: 'flag', flag: d.sp().flag(), set: true }
    case 'UNKEYWORD':
      return { kind: 'flag', flag: d.sp().flag(), set: false }
    case 'LARGER':
      return { kind: 'larger', octets: d.sp().number64() }
    case 'SMALLER':
      return { kind: 'smaller', octets: d.sp().number64() }
    case 'OLDER':
      return { kind: 'age', when: 'older', seconds: d.sp().nzNumber() }
    case 'YOUNGER':
      return { kind: 'age', when: 'younger', seconds: d.sp().nzNumber() }
    case 'EMAILID':
      return { kind: 'id', of: 'email', id: d.sp().astring() }
    case 'THREADID':
      return { kind: 'id', of: 'thread', id: d.sp().astring() }
    case 'MODSEQ':
      return modSeqKey(d)
    default:
      return undefined
  }
}

/** Per-flag counters are not kept: the name of an entry is read and the message's own counter used. RFC 7162 §3.1.5. */
function modSeqKey(d: Decoder): SearchKey {
  d.sp()
  if (d.peek() === '"') {
    d.astring()
    const type = d.sp().keyword('entry-type-req')
    if (!['ALL', 'PRIV', 'SHARED'].includes(type)) d.fail('entry-type-req')
    d.sp()
  }
  return { kind: 'modseq', atLeast: d.number64() }
}

function uidsFrom(first: number, last: number): SequenceSet {
  return { kind: 'ranges', ranges: first <= last ? [{ first, last }] : [] }
}
