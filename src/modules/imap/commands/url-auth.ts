import { parseAddress } from '../../../lib/address.ts'
import type { Opened } from '../access/opened.ts'
import type { Session, User } from '../session/session.ts'
import { type AuthorizedUrl, parseAuthorizedUrl } from '../wire/authorized-url.ts'
import { type FoundOctets, isThisHost, octetsAt } from './catenate.ts'
import { type SignedIn, signedIn } from './command.ts'
import { bad, done, no, type Reply, replies } from './replies.ts'

/** RFC 4467 §4: tokens that nobody but this server can make or check. */
const internal = 'INTERNAL'
const unknownMechanism = no(undefined, 'INTERNAL is the mechanism that is known here')

/** RFC 4467 §7. */
export const genUrlAuth = signedIn({
  needs: ['r'],
  parse: (d) => {
    const wishes: { rump: string; mechanism: string }[] = []
    while (d.trySp()) wishes.push({ rump: d.astring(), mechanism: d.sp().keyword('mechanism') })
    return wishes.length > 0 ? wishes : d.fail('URL')
  },
  run: async (context, wishes) => {
    const { out } = context.session
    const signed: string[] = []
    for (const { rump, mechanism } of wishes) {
      if (mechanism !== internal) return unknownMechanism
      const token = await tokenFor(context, rump)
      if (typeof token !== 'string') return token
      signed.push(`"${rump}:internal:${token}"`)
    }
    out.line(`* GENURLAUTH ${signed.join(' ')}`)
    return done()
  },
})

async function tokenFor({ session, mail }: SignedIn<'r'>, rump: string): Promise<string | Reply> {
  const url = parseAuthorizedUrl(rump)
  if (!url || url.proof) return bad('This is no URL that can be authorized')
  const { target } = url
  if (!session.user || !isOf(session, session.user, url))
    return no(undefined, 'URLs are authorized by their owner')
  const at = await mail.open(target.mailbox ?? '', 'r')
  if ('kind' in at) return at
  if (at.isShared) return replies.notAllowed
  return isStale(at, url)
    ? no('NONEXISTENT', 'The mailbox is another one now')
    : await session.services.urlKeys.sign(at, rump)
}

/** RFC 4467 §8. */
export const resetKey = signedIn({
  needs: ['r'],
  parse: (d) => {
    if (!d.trySp()) return undefined
    const mailbox = d.mailbox()
    const mechanisms: string[] = []
    while (d.trySp()) mechanisms.push(d.keyword('mechanism'))
    return { mailbox, mechanisms }
  },
  run: async ({ session, mail }, args) => {
    if (args?.mechanisms.some((mechanism) => mechanism !== internal)) return unknownMechanism
    const found = args ? await mail.open(args.mailbox, 'r') : undefined
    if (found && 'kind' in found) return found
    if (found?.isShared) return replies.notAllowed
    const all = found ? [found] : await mail.own()
    for (const at of all) {
      const refusal = await session.services.urlKeys.reset(at)
      if (refusal) return refusal
    }
    return done(args && `URLMECH ${internal}`)
  },
})

/** RFC 4467 §9. What cannot be had is NIL, for whatever reason. */
export const urlFetch = signedIn({
  needs: ['r'],
  parse: (d) => {
    const urls: string[] = []
    while (d.trySp()) urls.push(d.astring())
    return urls.length > 0 ? urls : d.fail('URL')
  },
  run: async ({ session }, urls) => {
    for (const text of urls) {
      if (session.out.gone) break
      const found = await authorizedOctets(session, text)
      session.out.text(`* URLFETCH "${text.replace(/[^\x20-\x7e]|["\\]/g, '?')}" `)
      if (found) await sayOctets(session, found)
      else session.out.text('NIL')
      session.out.text('\r\n')
      if (session.out.full) await session.ready()
    }
    return done()
  },
})

async function authorizedOctets(session: Session, text: string): Promise<FoundOctets | undefined> {
  const url = parseAuthorizedUrl(text)
  if (!url?.proof || url.proof.mechanism.toUpperCase() !== internal || !session.user) return undefined
  if (!isThisHost(session, url.target.host) || !mayUse(session.user, url)) return undefined
  if (url.expires !== undefined && url.expires <= session.services.clock.now()) return undefined
  const at = await ownersMailbox(session, url)
  if (!at || isStale(at, url)) return undefined
  const isSigned = await session.services.urlKeys.isSigned(at, url.rump, url.proof.token)
  return isSigned ? await octetsAt(at, url.target) : undefined
}

/** RFC 4467 §3: `submit+` is for a submission server, which nobody is who signs in here. */
function mayUse({ address }: User, { access }: AuthorizedUrl): boolean {
  if (access.kind === 'user') return parseAddress(access.who) === address
  return access.kind !== 'submit'
}

async function ownersMailbox(
  { services }: Session,
  { target }: AuthorizedUrl,
): Promise<Opened<'r'> | undefined> {
  const address = parseAddress(target.user ?? '')
  const owner = address && (await services.accounts.find(address))
  if (owner?.kind !== 'account' || !owner.enabled) return undefined
  const at = await services.accessOf(owner.account).open(target.mailbox ?? '', 'r')
  return 'kind' in at || at.isShared ? undefined : at
}

function isOf(session: Session, { address }: User, { target }: AuthorizedUrl): boolean {
  return isThisHost(session, target.host) && parseAddress(target.user ?? '') === address
}

function isStale({ mailbox }: Pick<Opened, 'mailbox'>, { target }: AuthorizedUrl): boolean {
  return (target.uidValidity ?? mailbox.uidValidity) !== mailbox.uidValidity
}

async function sayOctets(session: Session, { size, pieces }: FoundOctets): Promise<void> {
  session.out.text(`{${size}}\r\n`)
  let said = 0
  for await (const piece of pieces) {
    if (!piece || session.out.gone) break
    session.out.bytes(piece)
    said += piece.length
    await session.ready()
  }
  // The length is promised: where the octets end early, nothing but the end of the connection can say so.
  if (said < size) session.abort()
}
