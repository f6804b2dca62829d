import { relevancyOf } from '../search/relevancy.ts'
import { inSortOrder } from '../search/sort-order.ts'
import { refusalOver, searchedCount } from '../selected/message-limit.ts'
import type { Naming } from '../selected/resolve.ts'
import type { Decoder } from '../wire/decoder.ts'
import { type SortArguments, sortArguments } from '../wire/search-arguments.ts'
import { type InMailbox, inMailbox } from './command.ts'
import { follow, tagRefusal } from './follow.ts'
import { done, type Reply } from './replies.ts'
import { highestModSeq, savedOf, sayExtended, saySimple } from './search-results.ts'
import { asksModSeq, refusal, searchSelected, textReader } from './searching.ts'

/** RFC 5256 §3; with RETURN RFC 5267 §3. */
export const sort = inMailbox({
  needs: [],
  hazards: { usesSequenceNumbers: true, shiftsSequence: 'never' },
  parse,
  run: (context, args) => sortThese(context, args, 'number'),
})

export const uidSort = inMailbox({
  needs: [],
  // Its keys may name messages by number.
  hazards: { usesSequenceNumbers: true },
  parse,
  run: (context, args) => sortThese(context, args, 'uid'),
})

function parse(d: Decoder): SortArguments {
  return sortArguments(d, textReader)
}

async function sortThese(context: InMailbox, args: SortArguments, naming: Naming): Promise<Reply> {
  const { options, key, sort: keys } = args
  const saves = options?.wanted.has('save') ?? false
  const follows = options?.wanted.has('update') ?? false
  const { session, selected } = context
  const refused =
    (follows ? tagRefusal(context) : undefined) ??
    refusal(args) ??
    refusalOver(session, searchedCount(session, selected, key))
  if (refused) {
    // RFC 9051 §6.4.4.1: a SAVE that fails leaves nothing saved.
    if (saves) context.selected.saved = []
    return refused
  }
  const begun = follows ? follow(context, { key, naming, sort: keys }) : undefined
  const fitting = await searchSelected(context, key, naming)
  const asksScores = options?.wanted.has('relevancy') || keys.some(({ by }) => by === 'relevancy')
  const scores = asksScores ? await relevancyOf(context, key, fitting) : undefined
  const uids = await inSortOrder(context, fitting, keys, scores)
  begun?.(uids)
  const named = savedOf(uids, options)
  if (saves) context.selected.saved = [...named].sort((a, b) => a - b)
  const modSeq = asksModSeq(key) ? highestModSeq(context, named) : undefined
  const found = { uids, naming, modSeq, scores: options?.wanted.has('relevancy') ? scores : undefined }
  if (options) await sayExtended(context, options, found)
  else await saySimple(context, 'SORT', found)
  return done()
}
