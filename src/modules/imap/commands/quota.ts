import type { Usage } from '../../../ports/mail-store.ts'
import type { Session } from '../session/session.ts'
import { mailboxNameOnWire } from '../wire/mailbox-name.ts'
import { signedIn } from './command.ts'
import { done, no, replies } from './replies.ts'

/** Uids are numbers of 32 bits, so a mailbox can have no more. */
const mostMessages = 0xffff_ffff

/** RFC 9208 §4.1.2. All mail of an account is under one root, named ''; an account without a quota has none. */
export const getQuota = signedIn({
  parse: (d) => d.sp().astring(),
  run: async ({ session, account, store }, root) => {
    const usage = await store.usage(account)
    if (root !== '' || usage.quotaBytes === 0) return no('NONEXISTENT', 'No such quota root')
    sayQuota(session, usage)
    return done()
  },
})

/** RFC 9208 §4.1.3. */
export const getQuotaRoot = signedIn({
  parse: (d) => d.sp().mailbox(),
  run: async ({ session, account, store }, name) => {
    const [mailbox, usage] = await Promise.all([store.mailbox(account, name), store.usage(account)])
    if (!mailbox) return replies.noSuchMailbox
    const roots = usage.quotaBytes > 0 ? ' ""' : ''
    session.out.line(`* QUOTAROOT ${mailboxNameOnWire.write(mailbox.name, session.utf8Names)}${roots}`)
    if (usage.quotaBytes > 0) sayQuota(session, usage)
    return done()
  },
})

/** RFC 9208 §4.1.4: quotas are set where users are. */
export const setQuota = signedIn({
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
function sayQuota(session: Session, { quotaBytes, usedBytes, messages }: Usage): void {
  const storage = `STORAGE ${Math.ceil(usedBytes / 1024)} ${Math.floor(quotaBytes / 1024)}`
  session.out.line(`* QUOTA "" (${storage} MESSAGE ${messages} ${mostMessages})`)
}
