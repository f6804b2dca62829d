import type { Opened } from '../access/opened.ts'
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
  needs: ['r'],
  // Its keys may name messages by number.
  hazards: { usesSequenceNumbers: true },
  parse: (d) => multiSearchArguments(d, textReader),
  run: async (context, args) => {
    const { session } = context
    const selected = session.selected && { ...context, selected: session.selected }
    const refused = wrongUse(args, selected) ?? refusal(args)
    if (refused) return refused
    const named = await namedBy(args.sources, context, selected)
    if ('kind' in named) return named
    const isElsewhere = named.some(({ mailbox }) => mailbox.id !== selected?.selected.at.mailbox.id)
    if (isElsewhere && namesSaved(args.key)) return no(undefined, '$ is of the selected mailbox alone')
    if (asksModSeq(args.key)) session.enabled.condstore = true
    if (selected) tellArrivals(session, selected.selected)
    for (const at of named) {
      if (selected && at.mailbox.id === selected.selected.at.mailbox.id) await searchSelected(selected, args)
      else await searchElsewhere(context, at, args)
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

/** Each once, by name. What is not there, or may not be read, is passed over. */
async function namedBy(
  sources: readonly Source[],
  { mail }: SignedIn<'r'>,
  selected: InMailbox | undefined,
): Promise<readonly Opened<'l' | 'r'>[] | Reply> {
  const [visible, subscriptions] = await Promise.all([mail.visible(), mail.subscriptions()])
  if ('kind' in visible) return visible
  const subscribed = new Set(subscriptions)
  return visible.flatMap((at) => {
    const isNamed = sources.some((source) =>
      source.kind === 'selected'
        ? at.mailbox.id === selected?.selected.at.mailbox.id
        : isIn(source, { name: at.name, isShared: at.isShared, subscribed: subscribed.has(at.name) }),
    )
    const readable = isNamed ? mail.also(at, 'r') : undefined
    return readable && !('kind' in readable) ? [readable] : []
  })
}

async function searchSelected(context: InMailbox, args: MultiSearchArguments): Promise<void> {
  const { key, options } = args
  const place = placeOf(context, context.selected.at)
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
  at: Opened<'l' | 'r'>,
  args: MultiSearchArguments,
): Promise<void> {
  const { session } = context
  const numbering = await session.openNumbering(at)
  if (!numbering) return
  try {
    const selected = {
      at,
      numbering,
      examined: true,
      readOnly: true,
      saved: [],
      followed: undefined,
      toldKeywordSets: 0,
      inDoubt: false,
      stopWatching: () => undefined,
    }
    const inside = { ...context, selected }
    const uids = await runSearch(inside, args.key)
    await say(inside, placeOf(context, at), uids, args)
  } finally {
    numbering.close()
    session.services.images.release(at, numbering.image)
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

function placeOf({ session }: SignedIn, { name, mailbox }: Opened): string {
  return ` MAILBOX ${mailboxNameOnWire.write(name, session.utf8Names)} UIDVALIDITY ${mailbox.uidValidity}`
}
