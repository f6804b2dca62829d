import { randomBytes } from 'node:crypto'
import type { Context } from 'hono'
import { type Address, domainOf, parseAddress } from '../../lib/address.ts'
import type { TrustedSignIn } from '../../ports/credentials.ts'
import { type Env, later } from '../site/visit.ts'
import { enter, type SignInParts, signInAt } from './enter.ts'
import type { ProxySignIn } from './proxy-settings.ts'

export interface ProxyParts extends SignInParts {
  readonly trusted: TrustedSignIn
  readonly proxySignIn: ProxySignIn
}

/** Undefined where no proxy that counts has named anybody: the page asks then. Mailu's `noproxyauth` in the URL asks too. */
export async function byProxy(
  c: Context<Env>,
  parts: ProxyParts,
  url: string,
): Promise<Response | undefined> {
  const { from, header, creates } = parts.proxySignIn
  const named = c.req.header(header)
  if (named === undefined || c.req.url.includes('noproxyauth')) return undefined
  const { peer, ip, connectionId: connection } = c.env.client
  // Anybody can send a header.
  if (!from.has(peer)) return undefined
  const login = parseAddress(named.trim())
  const refused = async (text: string) => c.html(await signInAt(c, parts, { url, mistake: text }), 403)
  if (!login) return refused(c.var.frame.t('proxy.no-address'))
  if (creates && !(await parts.admin.user(login))) {
    const problem = await create(parts, login)
    if (problem === 'later') return later(c)
    if (problem !== undefined) return refused(problem)
  }
  const verdict = await parts.trusted.accept({ login, ip, connection })
  if (verdict.kind === 'later') return later(c)
  return verdict.kind === 'accepted'
    ? enter(c, parts, verdict, url)
    : refused(c.var.frame.t('proxy.refused', { login }))
}

/** Why there is none, in words; undefined where there is one now. */
async function create({ admin }: ProxyParts, address: Address): Promise<string | undefined> {
  // Another name of a domain has no users of its own: what is refused there is found by the sign-in.
  const domains = await admin.domains()
  const domain = domainOf(address)
  if (domains.some(({ alternatives }) => alternatives.includes(domain))) return undefined
  const password = randomBytes(24).toString('base64url')
  const added = await admin.add('user', { address, password }, 'proxy')
  if (added.kind === 'later') return 'later'
  // Two requests at once: one of them was first.
  return added.kind === 'refused' && added.reason !== 'exists' ? added.text : undefined
}
