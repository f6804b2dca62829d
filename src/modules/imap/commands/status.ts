import type { Mailbox } from '../../../ports/mail-store.ts'
import { deletedOctets } from '../selected/deleted-octets.ts'
import type { Session } from '../session/session.ts'
import { type StatusItem, statusList } from '../wire/list-arguments.ts'
import { mailboxNameOnWire } from '../wire/mailbox-name.ts'
import { type SignedIn, signedIn } from './command.ts'
import { done, replies } from './replies.ts'

/** RFC 9051 §6.3.11. */
export const status = signedIn({
  parse: (d) => ({ name: d.sp().mailbox(), items: statusList(d.sp()) }),
  run: async (context, { name, items }) => {
    const mailbox = await context.store.mailbox(context.account, name)
    if (!mailbox) return replies.noSuchMailbox
    await sayStatus(context, mailbox, items)
    return done()
  },
})

export async function sayStatus(
  { session, account, store }: SignedIn,
  mailbox: Mailbox,
  items: readonly StatusItem[],
): Promise<void> {
  const freed = items.includes('DELETED-STORAGE') ? await deletedOctets(store, account, mailbox) : 0
  // RFC 7162 §3.1: asking for it shows that the client knows what to do with it.
  if (items.includes('HIGHESTMODSEQ')) session.enabled.condstore = true
  const values = items.map((item) => {
    return `${item} ${item === 'DELETED-STORAGE' ? freed : statusValue(item, mailbox, session)}`
  })
  session.out.line(
    `* STATUS ${mailboxNameOnWire.write(mailbox.name, session.utf8Names)} (${values.join(' ')})`,
  )
}

function statusValue(
  item: Exclude<StatusItem, 'DELETED-STORAGE'>,
  mailbox: Mailbox,
  session: Session,
): number | string {
  switch (item) {
    case 'MESSAGES':
      return mailbox.messages
    // Nothing is \Recent here, as in IMAP4rev2.
    case 'RECENT':
      return 0
    case 'UIDNEXT':
      return mailbox.uidNext
    case 'UIDVALIDITY':
      return mailbox.uidValidity
    case 'UNSEEN':
      return mailbox.unseen
    case 'DELETED':
      return mailbox.deleted
    case 'SIZE':
      return mailbox.bytes
    case 'HIGHESTMODSEQ':
      return Math.max(1, mailbox.highestModSeq)
    case 'MAILBOXID':
      return `(${mailbox.id})`
    case 'APPENDLIMIT':
      return session.services.settings.appendLimit
  }
}
