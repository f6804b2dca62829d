import { decodeCharset } from '../../../lib/mime/charset.ts'
import type { Uid } from '../../../ports/mail-store.ts'
import { runSearch } from '../search/run.ts'
import { tellArrivals } from '../selected/news.ts'
import type { Naming } from '../selected/resolve.ts'
import type { Decoder } from '../wire/decoder.ts'
import { leavesOf, type ReturnOption, type SearchArguments, searchArguments } from '../wire/search-keys.ts'
import { formatSet } from '../wire/sequence-set.ts'
import { textOf } from '../wire/text.ts'
import { type InMailbox, inMailbox } from './command.ts'
import { done, no, type Reply } from './replies.ts'

/** Texts to look for in the octets of every message: each costs a pass over all of them. */
const mostTexts = 100

/** RFC 9051 §6.4.4. */
export const search = inMailbox({
  hazards: { usesSequenceNumbers: true, shiftsSequence: 'never' },
  parse,
  run: (context, args) => searchThese(context, args, 'number'),
})

export const uidSearch = inMailbox({
  // Its keys may name messages by number.
  hazards: { usesSequenceNumbers: true },
  parse,
  run: (context, args) => searchThese(context, args, 'uid'),
})

function parse(d: Decoder): SearchArguments {
  return searchArguments(d, textReader)
}

/** RFC 9051 §6.4.4: strings are of the named charset; of an unknown one the command is refused when it runs. */
function textReader(charset: string | undefined): (octets: string) => string {
  if (charset === undefined || !isKnown(charset) || /^(?:utf-?8|us-ascii)$/i.test(charset)) return textOf
  return (octets) => decodeCharset(Buffer.from(octets, 'latin1'), charset)
}

function isKnown(charset: string): boolean {
  try {
    return new TextDecoder(charset).encoding !== ''
  } catch {
    return false
  }
}

async function searchThese(context: InMailbox, args: SearchArguments, naming: Naming): Promise<Reply> {
  const { session, selected } = context
  const { charset, options, key } = args
  const saves = options?.has('save') ?? false
  if (charset !== undefined && !isKnown(charset)) {
    if (saves) selected.saved = []
    return no('BADCHARSET (UTF-8 US-ASCII)', 'This charset is not known here')
  }
  const leaves = leavesOf(key)
  if (leaves.filter(({ kind }) => kind === 'body' || kind === 'text').length > mostTexts) {
    if (saves) selected.saved = []
    return no('LIMIT', `At most ${mostTexts} texts can be searched at once`)
  }
  if (naming === 'uid') tellArrivals(session, selected)
  const asksModSeq = leaves.some(({ kind }) => kind === 'modseq')
  if (asksModSeq) session.enabled.condstore = true
  const uids = await runSearch(context, key)
  if (saves) selected.saved = savedOf(uids, options)
  // RFC 7162 §3.1.10: of the messages that the response names.
  const highest = asksModSeq ? highestModSeq(context, savedOf(uids, options)) : undefined
  if (options) sayExtended(context, options, uids, naming, highest)
  // RFC 9051 §7.3.4: with IMAP4rev2 there is no other form.
  else if (session.enabled.rev2) sayExtended(context, new Set(['all']), uids, naming, highest)
  else saySimple(context, uids, naming, highest)
  return done()
}

/** RFC 3501 §7.2.5, RFC 7162 §3.1.5. */
function saySimple(
  context: InMailbox,
  uids: readonly Uid[],
  naming: Naming,
  highest: number | undefined,
): void {
  const numbers = named(context, uids, naming)
  const list = numbers.length > 0 ? ` ${numbers.join(' ')}` : ''
  const modSeq = highest !== undefined && numbers.length > 0 ? ` (MODSEQ ${highest})` : ''
  context.session.out.line(`* SEARCH${list}${modSeq}`)
}

/** RFC 9051 §7.3.4. */
function sayExtended(
  context: InMailbox,
  options: ReadonlySet<ReturnOption>,
  uids: readonly Uid[],
  naming: Naming,
  highest: number | undefined,
): void {
  const onlySave = options.size === 1 && options.has('save')
  if (onlySave) return
  const numbers = named(context, uids, naming)
  const [first] = numbers
  const last = numbers.at(-1)
  const items = [
    options.has('min') && first !== undefined && `MIN ${first}`,
    options.has('max') && last !== undefined && `MAX ${last}`,
    options.has('all') && first !== undefined && `ALL ${formatSet(numbers)}`,
    options.has('count') && `COUNT ${numbers.length}`,
    highest !== undefined && first !== undefined && `MODSEQ ${highest}`,
  ].filter((item) => item !== false)
  const { session } = context
  const uid = naming === 'uid' ? ' UID' : ''
  session.out.line(`* ESEARCH (TAG "${session.tag}")${uid}${items.map((item) => ` ${item}`).join('')}`)
}

function named(
  { selected: { numbering } }: InMailbox,
  uids: readonly Uid[],
  naming: Naming,
): readonly number[] {
  if (naming === 'uid') return uids
  return uids.flatMap((uid) => numbering.numberOf(uid) ?? [])
}

/** RFC 9051 §6.4.4.4: with MIN or MAX alone, only these are kept. */
function savedOf(uids: readonly Uid[], options: ReadonlySet<ReturnOption> | undefined): Uid[] {
  const everything =
    !options || options.has('all') || options.has('count') || !(options.has('min') || options.has('max'))
  if (everything) return [...uids]
  const ends = [options.has('min') ? uids[0] : undefined, options.has('max') ? uids.at(-1) : undefined]
  return [...new Set(ends.filter((uid) => uid !== undefined))]
}

function highestModSeq({ selected: { numbering } }: InMailbox, uids: readonly Uid[]): number | undefined {
  if (uids.length === 0) return undefined
  return uids.reduce((highest, uid) => Math.max(highest, numbering.stateOf(uid)?.modSeq ?? 0), 0)
}
