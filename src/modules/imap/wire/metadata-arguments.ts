import type { Decoder } from './decoder.ts'

/** RFC 5464 §4.2. */
export interface GetMetadata {
  /** '' is the server: all mail of the account. */
  readonly mailbox: string
  readonly entries: readonly string[]
  /** Larger values are left out. */
  readonly maxSize: number
  /** Levels below the named entries that are shown too. */
  readonly depth: 0 | 1 | 'infinity'
}

/** RFC 5464 §4.3: octets, one character each; undefined removes. */
export interface SetMetadata {
  readonly mailbox: string
  readonly changes: readonly { readonly entry: string; readonly value: string | undefined }[]
}

/** ` (MAXSIZE 1024 DEPTH 1) INBOX (/private/comment)`; the options may stand behind the mailbox too, as the RFC's examples have them. */
export function getMetadata(d: Decoder): GetMetadata {
  const options = { maxSize: Number.POSITIVE_INFINITY, depth: 0 as GetMetadata['depth'] }
  if (d.sp().peek() === '(') {
    readOptions(d, options)
    d.sp()
  }
  const mailbox = d.mailboxOrEmpty()
  if (d.sp().peek() !== '(') return { mailbox, entries: [entryName(d)], ...options }
  const names = d.listOfSome(() => (tryOption(d, options) ? undefined : entryName(d)))
  const entries = names.filter((name) => name !== undefined)
  if (entries.length > 0) return { mailbox, entries, ...options }
  return { mailbox, entries: entryNames(d.sp()), ...options }
}

/** ` INBOX (/private/comment "Mine" /shared/comment NIL)` */
export function setMetadata(d: Decoder): SetMetadata {
  const mailbox = d.sp().mailboxOrEmpty()
  const changes = d.sp().listOfSome(() => {
    const entry = entryName(d)
    return { entry, value: d.sp().nstringOctets() }
  })
  return { mailbox, changes }
}

/** `/private/comment`, or several in parentheses. */
export function entryNames(d: Decoder): string[] {
  return d.peek() === '(' ? d.listOfSome(() => entryName(d)) : [entryName(d)]
}

type Options = { maxSize: number; depth: GetMetadata['depth'] }

function readOptions(d: Decoder, options: Options): void {
  d.listOfSome(() => tryOption(d, options) || d.fail('getmetadata-option'))
}

function tryOption(d: Decoder, options: Options): boolean {
  if (d.tryWord('MAXSIZE')) options.maxSize = d.sp().number()
  else if (d.tryWord('DEPTH')) options.depth = depth(d.sp())
  else return false
  return true
}

function depth(d: Decoder): GetMetadata['depth'] {
  if (d.tryWord('INFINITY')) return 'infinity'
  const at = d.offset
  const levels = d.number()
  return levels === 0 || levels === 1 ? levels : d.fail('0, 1 or infinity', at)
}

/** RFC 5464 §3: case does not matter; no wildcards, no controls, no empty level. */
function entryName(d: Decoder): string {
  const at = d.offset
  const name = d.astringOctets().toLowerCase()
  const isName = /^(?:\/[\x20-\x24\x26-\x29\x2b-\x2e\x30-\x7e]+)+$/.test(name)
  return isName && name.length <= 255 ? name : d.fail('entry', at)
}
