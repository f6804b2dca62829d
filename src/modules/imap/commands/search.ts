import { relevancyOf } from '../search/relevancy.ts'
import { limitedSearch, withLimit } from '../selected/message-limit.ts'
import type { Naming } from '../selected/resolve.ts'
import type { Decoder } from '../wire/decoder.ts'
import { everything, type SearchArguments, searchArguments } from '../wire/search-arguments.ts'
import { type InMailbox, inMailbox } from './command.ts'
import { follow, tagRefusal } from './follow.ts'
import { done, type Reply } from './replies.ts'
import { highestModSeq, savedOf, sayExtended, saySimple } from './search-results.ts'
import { asksModSeq, charsetRefusal, refusal, searchSelected, textReader } from './searching.ts'

/** RFC 9051 §6.4.4. */
export const search = inMailbox({
  needs: [],
  hazards: { usesSequenceNumbers: true, shiftsSequence: 'never' },
  parse,
  run: (context, args) => searchThese(context, args, 'number'),
})

export const uidSearch = inMailbox({
  needs: [],
  // Its keys may name messages by number.
  hazards: { usesSequenceNumbers: true },
  parse,
  run: (context, args) => searchThese(context, args, 'uid'),
})

function parse(d: Decoder): SearchArguments {
  return searchArguments(d, textReader)
}

async function searchThese(context: InMailbox, args: SearchArguments, naming: Naming): Promise<Reply> {
  const { session, selected } = context
  const { options } = args
  const { key, lowest } = limitedSearch(session, selected, args.key)
  const saves = options?.wanted.has('save') ?? false
  const follows = options?.wanted.has('update') ?? false
  const refused =
    charsetRefusal(session, args) ?? (follows ? tagRefusal(context) : undefined) ?? refusal(args)
  if (refused) {
    // RFC 9051 §6.4.4.1: a SAVE that fails leaves nothing saved.
    if (saves) selected.saved = []
    return refused
  }
  const begun = follows ? follow(context, { key, naming, sort: undefined }) : undefined
  const uids = await searchSelected(context, key, naming)
  begun?.(uids)
  const named = savedOf(uids, options)
  if (saves) selected.saved = [...named]
  const modSeq = asksModSeq(key) ? highestModSeq(context, named) : undefined
  const scores = options?.wanted.has('relevancy') ? await relevancyOf(context, key, uids) : undefined
  const found = { uids, naming, modSeq, scores }
  if (options) await sayExtended(context, options, found)
  // RFC 9051 §7.3.4: with IMAP4rev2 there is no other form.
  else if (session.enabled.rev2) await sayExtended(context, everything, found)
  else await saySimple(context, 'SEARCH', found)
  return withLimit(session, done(), { lowest })
}
