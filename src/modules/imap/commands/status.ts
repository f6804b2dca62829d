import type { Mailbox } from '../../../ports/mail-store.ts'
import type { Opened } from '../access/opened.ts'
import { deletedOctets } from '../selected/deleted-octets.ts'
import type { Session } from '../session/session.ts'
import { type StatusItem, statusList } from '../wire/list-arguments.ts'
import { mailboxNameOnWire } from '../wire/mailbox-name.ts'
import { signedIn } from './command.ts'
import { done } from './replies.ts'

/** RFC 9051 §6.3.11. */
export const status = signedIn({
  needs: ['r'],
  parse: (d) => ({ name: d.sp().mailbox(), items: statusList(d.sp()) }),
  run: async (context, { name, items }) => {
    const at = await context.mail.open(name, 'r')
    if ('kind' in at) return at
    await sayStatus(context.session, at, items)
    return done()
  },
})

export async function sayStatus(
  session: Session,
  at: Opened<'r'>,
  items: readonly StatusItem[],
): Promise<void> {
  const freed = items.includes('DELETED-STORAGE') ? await deletedOctets(at) : 0
  // RFC 7162 §3.1: asking for it shows that the client knows what to do with it.
  if (items.includes('HIGHESTMODSEQ')) session.enabled.condstore = true
  const values = items.map((item) => {
    return `${item} ${item === 'DELETED-STORAGE' ? freed : statusValue(item, at.mailbox, session)}`
  })
  session.out.line(`* STATUS ${mailboxNameOnWire.write(at.name, session.utf8Names)} (${values.join(' ')})`)
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
