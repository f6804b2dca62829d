import type { Usage } from '../../../ports/mail-store.ts'
import type { Session } from '../session/session.ts'
import { mailboxNameOnWire } from '../wire/mailbox-name.ts'
import { signedIn } from './command.ts'
import { done, no } from './replies.ts'

/** Uids are numbers of 32 bits, so a mailbox can have no more. */
const mostMessages = 0xffff_ffff

/**
 * RFC 9208 §4.1.2. All mail of an account is under one root, named '' to its owner and like their level to others; an account without
 * a quota has none.
 */
export const getQuota = signedIn({
  needs: ['r'],
  parse: (d) => d.sp().astring(),
  run: async ({ session, mail }, root) => {
    const usage = root === '' ? await mail.usage() : await mail.usageOf(root)
    if (!usage || usage.quotaBytes === 0) return no('NONEXISTENT', 'No such quota root')
    sayQuota(session, root, usage)
    return done()
  },
})

/** RFC 9208 §4.1.3. */
export const getQuotaRoot = signedIn({
  needs: ['r'],
  parse: (d) => d.sp().mailbox(),
  run: async ({ session, mail }, name) => {
    const at = await mail.open(name, 'r')
    if ('kind' in at) return at
    const usage = await at.usage()
    const root = at.name.slice(0, at.name.length - at.mailbox.name.length).replace(/\/$/, '')
    const roots = usage.quotaBytes > 0 ? ` ${rootOnWire(session, root)}` : ''
    session.out.line(`* QUOTAROOT ${mailboxNameOnWire.write(at.name, session.utf8Names)}${roots}`)
    if (usage.quotaBytes > 0) sayQuota(session, root, usage)
    return done()
  },
})

/** RFC 9208 §4.1.4: quotas are set where users are. */
export const setQuota = signedIn({
  needs: [],
  parse: (d) => {
    d.sp().astring()
    d.sp().list(() => {
      d.atom()
      d.sp().number64()
    })
  },
  run: () => no('NOPERM', 'Quotas are set by an administrator'),
})

/** RFC 9208 §5.1, §5.2: storage in units of 1024 octets. */
function sayQuota(session: Session, root: string, { quotaBytes, usedBytes, messages }: Usage): void {
  const storage = `STORAGE ${Math.ceil(usedBytes / 1024)} ${Math.floor(quotaBytes / 1024)}`
  session.out.line(`* QUOTA ${rootOnWire(session, root)} (${storage} MESSAGE ${messages} ${mostMessages})`)
}

function rootOnWire({ utf8Names }: Session, root: string): string {
  return mailboxNameOnWire.write(root, utf8Names)
}
