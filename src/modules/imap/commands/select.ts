import { flagBits } from '../../../lib/flags.ts'
import { nextTurn } from '../../../platform/next-turn.ts'
import { flagsInUse, permanentFlags } from '../selected/flags-in-use.ts'
import { flagsResponse, tellKeywords } from '../selected/news.ts'
import { knownTo, vanishedSince } from '../selected/resync.ts'
import type { Selected, Session } from '../session/session.ts'
import { mailboxNameOnWire } from '../wire/mailbox-name.ts'
import { type ResyncArguments, type SelectArguments, selectArguments } from '../wire/select-arguments.ts'
import { isWithin } from '../wire/sequence-set.ts'
import { inMailbox, nothing, type SignedIn, signedIn } from './command.ts'
import { bad, done, later, ok, type Reply, replies } from './replies.ts'

/** FETCH responses of a resynchronisation between two looks at the other clients. */
const changesAtOnce = 500

/** RFC 9051 §6.3.2. */
export const select = signedIn({
  needs: ['r'],
  hazards: { changesMailbox: true },
  parse: selectArguments,
  run: (context, args) => open(context, args, false),
})

/** RFC 9051 §6.3.3. */
export const examine = signedIn({
  needs: ['r'],
  hazards: { changesMailbox: true },
  parse: selectArguments,
  run: (context, args) => open(context, args, true),
})

/** RFC 9051 §6.4.1: expunges without a word, and without the right to expunge nothing. RFC 4314 §4. */
export const close = inMailbox({
  needs: ['e'],
  hazards: { changesMailbox: true },
  parse: nothing,
  run: async ({ session, mail, selected }) => {
    const at = mail.also(selected.at, 'e')
    if (!selected.readOnly && !('kind' in at)) {
      const expunged = await at.expunge()
      if (expunged.kind === 'later') return later(expunged)
    }
    session.unselect()
    return done()
  },
})

/** RFC 9051 §6.4.2. */
export const unselect = inMailbox({
  needs: [],
  hazards: { changesMailbox: true },
  parse: nothing,
  run: ({ session }) => {
    session.unselect()
    return done()
  },
})

async function open(context: SignedIn<'r'>, args: SelectArguments, examines: boolean): Promise<Reply> {
  const { session, mail } = context
  // RFC 7162 §3.2.5.
  if (args.resync && !session.enabled.qresync) return bad('Enable QRESYNC first')
  if (session.selected) {
    session.unselect()
    // RFC 9051 §6.3.2: what follows is of the new mailbox.
    session.out.line('* OK [CLOSED] Previous mailbox closed')
  }
  const at = await mail.open(args.name, 'r')
  if ('kind' in at) return at
  const numbering = await session.openNumbering(at)
  if (!numbering) return replies.noSuchMailbox
  // RFC 7162 §3.1.8.
  if (args.condstore) session.enabled.condstore = true
  await session.services.flagTexts.learn(numbering.image.keywordSets)
  // RFC 7162 §3.2.5.1: what a client remembers of another life of the mailbox is worth nothing.
  const resync = args.resync?.uidValidity === at.mailbox.uidValidity ? args.resync : undefined
  const vanished = resync ? await vanishedSince({ at, numbering }, knownTo(numbering, resync)) : ''
  const selected = session.select(at, numbering, examines)
  describe(session, selected)
  if (vanished !== '') session.out.line(`* VANISHED (EARLIER) ${vanished}`)
  if (resync) await tellChanges(session, selected, resync)
  const words = `${examines ? 'EXAMINE' : 'SELECT'} completed`
  return ok(words, selected.readOnly ? 'READ-ONLY' : 'READ-WRITE')
}

/** RFC 7162 §3.2.5.1: flags that changed since, of those that the client knows. */
async function tellChanges(session: Session, selected: Selected, resync: ResyncArguments): Promise<void> {
  const { numbering } = selected
  const { since, within } = knownTo(numbering, resync)
  const changed = numbering.image.uidsAbove(since).filter((uid) => isWithin(within, uid))
  for (let at = 0; at < changed.length && !session.out.gone; at += changesAtOnce) {
    if (at > 0) {
      session.out.flush()
      await session.ready()
      await nextTurn()
      await session.services.flagTexts.learn(numbering.image.keywordSets)
      tellKeywords(session, selected)
    }
    for (const uid of changed.slice(at, at + changesAtOnce)) {
      numbering.forgetFlags(uid)
      session.out.text(flagsResponse(session, selected, uid, true))
    }
  }
}

function describe(session: Session, selected: Selected): void {
  const { out } = session
  const { numbering, at } = selected
  const { mailbox } = at
  const flags = flagsInUse(session, selected)
  out.line(`* FLAGS (${flags})`)
  out.line(`* OK [PERMANENTFLAGS (${permanentFlags(session, selected)})] Flags that stay`)
  out.line(`* ${numbering.count} EXISTS`)
  if (!session.enabled.rev2) {
    out.line('* 0 RECENT')
    // RFC 9586 §3.6: that is a number.
    const unseen = session.enabled.uidOnly ? undefined : firstUnseen(selected)
    if (unseen !== undefined) out.line(`* OK [UNSEEN ${unseen}] First unseen`)
  }
  out.line(`* OK [UIDVALIDITY ${mailbox.uidValidity}] Uids are valid`)
  out.line(`* OK [UIDNEXT ${numbering.image.uidNext}] Next uid`)
  out.line(`* OK [HIGHESTMODSEQ ${Math.max(1, numbering.openedModSeq)}] Highest modification`)
  out.line(`* OK [MAILBOXID (${mailbox.id})] Identity`)
  if (session.enabled.rev2) out.line(`* LIST () "/" ${mailboxNameOnWire.write(at.name, session.utf8Names)}`)
}

function firstUnseen({ numbering: { image } }: Selected): number | undefined {
  for (let index = 0; index < image.count; index++) {
    if ((image.flagsAt(index) & flagBits['\\Seen']) === 0) return index + 1
  }
  return undefined
}
