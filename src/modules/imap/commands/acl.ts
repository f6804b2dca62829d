import { parseAddress } from '../../../lib/address.ts'
import type { Grant } from '../../../ports/mail-shares.ts'
import type { Opened } from '../access/opened.ts'
import { everyRight, readRights, rightsText } from '../access/rights.ts'
import type { Services, Session } from '../session/session.ts'
import { type Identifier, mailboxAndIdentifier, setAclArguments } from '../wire/acl-arguments.ts'
import { mailboxNameOnWire } from '../wire/mailbox-name.ts'
import { octetsOf } from '../wire/text.ts'
import { signedIn } from './command.ts'
import { done, later, no, type Reply, replies } from './replies.ts'

/** RFC 4314 §3.1. */
export const setAcl = signedIn({
  needs: ['a'],
  parse: setAclArguments,
  run: async ({ session, mail }, { mailbox, identifier, change }) => {
    const at = await mail.open(mailbox, 'a')
    if ('kind' in at) return at
    const { mode, rights } = change
    return await give(session, at, identifier, { mode, rights: [...rights].join('') })
  },
})

/** RFC 4314 §3.2. */
export const deleteAcl = signedIn({
  needs: ['a'],
  parse: mailboxAndIdentifier,
  run: async ({ session, mail }, { mailbox, identifier }) => {
    const at = await mail.open(mailbox, 'a')
    return 'kind' in at ? at : await give(session, at, identifier, { mode: 'replace', rights: '' })
  },
})

/** RFC 4314 §3.3. */
export const getAcl = signedIn({
  needs: ['a'],
  parse: (d) => d.sp().mailbox(),
  run: async ({ session, mail }, name) => {
    const at = await mail.open(name, 'a')
    if ('kind' in at) return at
    const entries = await entriesOf(session.services, at)
    if ('kind' in entries) return entries
    session.out.line(`* ACL ${[nameOf(session, at), ...entries].join(' ')}`)
    return done()
  },
})

/** RFC 4314 §3.4: none is tied to another, but the old letters are to those they stand for. */
export const listRights = signedIn({
  needs: ['a'],
  parse: mailboxAndIdentifier,
  run: async ({ session, mail }, { mailbox, identifier }) => {
    const at = await mail.open(mailbox, 'a')
    if ('kind' in at) return at
    const grantee = await granteeOf(session.services, identifier)
    if (typeof grantee === 'object') return grantee
    const isOwner = grantee === at.owner && !identifier.negative
    const rights = isOwner ? rightsText(everyRight) : `"" ${rightsText(everyRight).split('').join(' ')}`
    // §3.7: the identifier as the client wrote it.
    session.out.line(`* LISTRIGHTS ${nameOf(session, at)} ${astring(identifier.text)} ${rights}`)
    return done()
  },
})

/** RFC 4314 §3.5: whoever may see a mailbox may know what else they may do. */
export const myRights = signedIn({
  needs: [],
  parse: (d) => d.sp().mailbox(),
  run: async ({ session, mail }, name) => {
    const at = await mail.open(name)
    if ('kind' in at) return at
    sayRights(session, at)
    return done()
  },
})

export function sayRights(session: Session, at: Opened): void {
  session.out.line(`* MYRIGHTS ${nameOf(session, at)} ${rightsText(at.rights)}`)
}

async function give(
  { services }: Session,
  at: Opened<'a'>,
  identifier: Identifier,
  change: Parameters<Opened<'a'>['grant']>[1],
): Promise<Reply> {
  const grantee = await granteeOf(services, identifier)
  if (typeof grantee === 'object') return grantee
  if (grantee === at.owner) return no('CANNOT', 'The owner has every right, always')
  const given = await at.grant({ grantee, negative: identifier.negative }, change)
  switch (given.kind) {
    case 'done':
      return done()
    case 'missing':
      return replies.noSuchMailbox
    case 'too-many':
      return no('LIMIT', 'This mailbox is shared with too many; end some first')
    case 'later':
      return later(given)
  }
}

/**
 * RFC 4314 §2: users by their address, and `anyone`, who is everybody with an account here. That an address is nobody's is told, as
 * RCPT tells everybody: a slip of the pen that shares with nobody would be worse.
 */
async function granteeOf(
  { accounts }: Pick<Services, 'accounts'>,
  { name }: Identifier,
): Promise<Grant['grantee'] | Reply> {
  if (name.toLowerCase() === 'anyone') return 'anyone'
  const address = parseAddress(name)
  const found = address && (await accounts.find(address))
  if (found?.kind === 'later') return later(found)
  return found?.kind === 'account' ? found.account : no('CANNOT', 'There is no such user here')
}

/** The owner first. Accounts that are gone are passed over. */
async function entriesOf({ accounts }: Services, at: Opened<'a'>): Promise<string[] | Reply> {
  const given: readonly Grant[] = await at.grants()
  const owner: Grant = { grantee: at.owner, negative: false, rights: [...everyRight].join('') }
  const entries: string[] = []
  for (const { grantee, negative, rights } of [owner, ...given]) {
    const found = grantee === 'anyone' ? undefined : await accounts.settings(grantee)
    if (found?.kind === 'later') return later(found)
    if (found?.kind === 'unknown') continue
    const name = `${negative ? '-' : ''}${found?.address ?? 'anyone'}`
    entries.push(`${astring(name)} ${rightsText(readRights(rights) ?? new Set())}`)
  }
  return entries
}

function nameOf({ utf8Names }: Session, at: { readonly name: string }): string {
  return mailboxNameOnWire.write(at.name, utf8Names)
}

/** RFC 4314 §3: identifiers are UTF-8. */
function astring(text: string): string {
  return /^[A-Za-z0-9@._+-]+$/.test(text) && !/^NIL$/i.test(text)
    ? text
    : `{${Buffer.byteLength(text)}}\r\n${octetsOf(text)}`
}
