import { flagBits } from '../../../lib/flags.ts'
import type { Mailbox } from '../../../ports/mail-store.ts'
import { flagsInUse } from '../selected/news.ts'
import type { Selected, Session } from '../session/session.ts'
import type { Decoder } from '../wire/decoder.ts'
import { mailboxNameOnWire } from '../wire/mailbox-name.ts'
import { inMailbox, nothing, type SignedIn, signedIn } from './command.ts'
import { done, later, ok, type Reply, replies } from './replies.ts'

interface SelectArguments {
  readonly name: string
  readonly condstore: boolean
}

/** RFC 9051 §6.3.2. */
export const select = signedIn({
  hazards: { changesMailbox: true },
  parse: selectArguments,
  run: (context, args) => open(context, args, false),
})

/** RFC 9051 §6.3.3. */
export const examine = signedIn({
  hazards: { changesMailbox: true },
  parse: selectArguments,
  run: (context, args) => open(context, args, true),
})

/** RFC 9051 §6.4.1: expunges without a word. */
export const close = inMailbox({
  hazards: { changesMailbox: true },
  parse: nothing,
  run: async ({ session, account, store, selected }) => {
    if (!selected.readOnly) {
      const expunged = await store.expunge(account, selected.mailbox.id)
      if (expunged.kind === 'later') return later(expunged)
    }
    session.unselect()
    return done()
  },
})

/** RFC 9051 §6.4.2. */
export const unselect = inMailbox({
  hazards: { changesMailbox: true },
  parse: nothing,
  run: ({ session }) => {
    session.unselect()
    return done()
  },
})

/** `(CONDSTORE)` is the one parameter known here. RFC 7162 §3.1.8. */
function selectArguments(d: Decoder): SelectArguments {
  const name = d.sp().mailbox()
  const parameters = d.trySp() ? d.list(() => d.tryWord('CONDSTORE') || d.fail('select-param')) : []
  return { name, condstore: parameters.length > 0 }
}

async function open(
  { session, account, store }: SignedIn,
  args: SelectArguments,
  readOnly: boolean,
): Promise<Reply> {
  if (session.selected) {
    session.unselect()
    // RFC 9051 §6.3.2: what follows is of the new mailbox.
    session.out.line('* OK [CLOSED] Previous mailbox closed')
  }
  const mailbox = await store.mailbox(account, args.name)
  const numbering = mailbox && (await session.openNumbering(mailbox))
  if (!mailbox || !numbering) return replies.noSuchMailbox
  if (args.condstore) session.enabled.condstore = true
  await session.services.flagTexts.learn(numbering.image.keywordSets)
  session.select(mailbox, numbering, readOnly)
  if (session.selected) describe(session, session.selected, mailbox)
  return readOnly ? ok('EXAMINE completed', 'READ-ONLY') : ok('SELECT completed', 'READ-WRITE')
}

function describe(session: Session, selected: Selected, mailbox: Mailbox): void {
  const { out } = session
  const { numbering, readOnly } = selected
  const flags = flagsInUse(session, selected)
  out.line(`* FLAGS (${flags})`)
  out.line(`* OK [PERMANENTFLAGS (${readOnly ? '' : `${flags} \\*`})] Flags that stay`)
  out.line(`* ${numbering.count} EXISTS`)
  if (!session.enabled.rev2) {
    out.line('* 0 RECENT')
    const unseen = firstUnseen(selected)
    if (unseen !== undefined) out.line(`* OK [UNSEEN ${unseen}] First unseen`)
  }
  out.line(`* OK [UIDVALIDITY ${mailbox.uidValidity}] Uids are valid`)
  out.line(`* OK [UIDNEXT ${numbering.image.uidNext}] Next uid`)
  out.line(`* OK [HIGHESTMODSEQ ${Math.max(1, numbering.image.highestModSeq)}] Highest modification`)
  out.line(`* OK [MAILBOXID (${mailbox.id})] Identity`)
  if (session.enabled.rev2)
    out.line(`* LIST () "/" ${mailboxNameOnWire.write(mailbox.name, session.utf8Names)}`)
}

function firstUnseen({ numbering: { image } }: Selected): number | undefined {
  for (let index = 0; index < image.count; index++) {
    if ((image.flagsAt(index) & flagBits['\\Seen']) === 0) return index + 1
  }
  return undefined
}
