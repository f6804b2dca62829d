import type { Mailbox } from '../../../ports/mail-store.ts'
import { relevancyOf } from '../search/relevancy.ts'
import { runSearch } from '../search/run.ts'
import { tellArrivals } from '../selected/news.ts'
import { isIn } from '../wire/mailbox-filter.ts'
import { mailboxNameOnWire } from '../wire/mailbox-name.ts'
import {
  type MultiSearchArguments,
  multiSearchArguments,
  type Source,
} from '../wire/multisearch-arguments.ts'
import { leavesOf, type SearchKey } from '../wire/search-key.ts'
import { type InMailbox, type SignedIn, signedIn } from './command.ts'
import { follow, tagRefusal } from './follow.ts'
import { bad, done, no, type Reply } from './replies.ts'
import { highestModSeq, savedOf, sayExtended } from './search-results.ts'
import { asksModSeq, refusal, textReader } from './searching.ts'

/** RFC 7377: one search over many mailboxes, which need not be selected. */
export const multiSearch = signedIn({
  // Its keys may name messages by number.
  hazards: { usesSequenceNumbers: true },
  parse: (d) => multiSearchArguments(d, textReader),
  run: async (context, args) => {
    const { session } = context
    const selected = session.selected && { ...context, selected: session.selected }
    const refused = wrongUse(args, selected) ?? refusal(args)
    if (refused) return refused
    const mailboxes = await namedBy(args.sources, context, selected)
    const isElsewhere = mailboxes.some(({ id }) => id !== selected?.selected.mailbox.id)
    if (isElsewhere && namesSaved(args.key)) return no(undefined, '$ is of the selected mailbox alone')
    if (asksModSeq(args.key)) session.enabled.condstore = true
    if (selected) tellArrivals(session, selected.selected)
    for (const mailbox of mailboxes) {
      if (selected && mailbox.id === selected.selected.mailbox.id)
        await searchSelected(selected, mailbox, args)
      else await searchElsewhere(context, mailbox, args)
      if (session.out.behind) await session.ready()
    }
    return done()
  },
})

/** RFC 7377 §2.2. */
function wrongUse(
  { sources, options: { wanted } }: MultiSearchArguments,
  selected: InMailbox | undefined,
): Reply | undefined {
  if (!selected && (wanted.has('update') || sources.some(({ kind }) => kind === 'selected')))
    return bad('Select a mailbox first')
  if (wanted.has('save') && sources.some(({ kind }) => kind !== 'selected'))
    return bad('SAVE is for the selected mailbox alone')
  return wanted.has('update') && selected ? tagRefusal(selected) : undefined
}

function namesSaved(key: SearchKey): boolean {
  return leavesOf(key).some(
    (leaf) => 'set' in leaf && typeof leaf.set === 'object' && leaf.set.kind === 'saved',
  )
}

/** Each once, by name. What is not there is passed over. */
async function namedBy(
  sources: readonly Source[],
  { account, store }: SignedIn,
  selected: InMailbox | undefined,
): Promise<readonly Mailbox[]> {
  const mailboxes = await store.mailboxes(account)
  return mailboxes.filter((mailbox) =>
    sources.some((source) =>
      source.kind === 'selected' ? mailbox.id === selected?.selected.mailbox.id : isIn(source, mailbox),
    ),
  )
}

async function searchSelected(
  context: InMailbox,
  mailbox: Mailbox,
  args: MultiSearchArguments,
): Promise<void> {
  const { key, options } = args
  const place = placeOf(context, mailbox)
  const wish = { key, naming: 'uid' as const, sort: undefined, place }
  const begun = options.wanted.has('update') ? follow(context, wish) : undefined
  const uids = await runSearch(context, key)
  begun?.(uids)
  if (options.wanted.has('save')) context.selected.saved = [...savedOf(uids, options)]
  await say(context, place, uids, args)
}

/** Opens it as SELECT does, says nothing of it, and lets go of it again. */
async function searchElsewhere(
  context: SignedIn,
  mailbox: Mailbox,
  args: MultiSearchArguments,
): Promise<void> {
  const { session, account } = context
  const numbering = await session.openNumbering(mailbox)
  if (!numbering) return
  try {
    const selected = {
      mailbox,
      numbering,
      readOnly: true,
      saved: [],
      followed: undefined,
      toldKeywordSets: 0,
    }
    const inside = { ...context, selected }
    const uids = await runSearch(inside, args.key)
    await say(inside, placeOf(context, mailbox), uids, args)
  } finally {
    numbering.close()
    session.services.images.release(account, numbering.image)
  }
}

/** RFC 7377 §2.1: nothing is said of a mailbox where nothing was found. */
async function say(
  context: InMailbox,
  place: string,
  uids: readonly number[],
  { key, options }: MultiSearchArguments,
): Promise<void> {
  if (uids.length === 0) return
  const modSeq = asksModSeq(key) ? highestModSeq(context, savedOf(uids, options)) : undefined
  const scores = options.wanted.has('relevancy') ? await relevancyOf(context, key, uids) : undefined
  await sayExtended(context, options, { uids, naming: 'uid', modSeq, scores }, place)
}

function placeOf({ session }: SignedIn, { name, uidValidity }: Mailbox): string {
  return ` MAILBOX ${mailboxNameOnWire.write(name, session.utf8Names)} UIDVALIDITY ${uidValidity}`
}
