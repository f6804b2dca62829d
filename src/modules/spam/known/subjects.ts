import { hash } from 'node:crypto'
import type { IndexedMailbox } from '../../../lib/mime/message-index.ts'
import { networkOf } from '../../../lib/network-of.ts'
import type { AuthChecks } from '../../../ports/mail-authentication.ts'
import { isNearby } from '../nearby.ts'
import { isOpenToAll } from '../rules/arrival-rules.ts'
import { registeredPart } from '../rules/evidence.ts'

export type SubjectKind = 'address' | 'domain' | 'network' | 'signer'

/** Who stands behind a message, as far as that is proven: a name that anybody can write stands for its network alone. */
export interface Subject {
  readonly kind: SubjectKind
  /** For a person. */
  readonly name: string
  readonly key: number
}

export interface Sender {
  readonly subjects: readonly Subject[]
  /** Of From, lower case, where it is proven. */
  readonly address: string | undefined
}

const sizes = { v4Bits: 24, v6Bits: 48 }
const mostSigners = 3

export function senderOf(
  from: IndexedMailbox | undefined,
  ip: string,
  checks: AuthChecks | undefined,
): Sender {
  const network = networkOf(ip, sizes)
  const domain = from?.domain.toLowerCase() ?? ''
  const address = from && domain !== '' ? `${from.local}@${domain}`.toLowerCase() : undefined
  const isProven = domain !== '' && checks !== undefined && proves(domain, checks)
  const under = isProven ? '' : ` ${network}`
  const subjects = [
    ...(address === undefined
      ? []
      : [subject('address', address, under), subject('domain', registeredPart(domain), under)]),
    ...(isNearby(ip) ? [] : [subject('network', network)]),
    ...signersOf(checks).map((signer) => subject('signer', signer)),
  ]
  return { subjects, address: isProven ? address : undefined }
}

const subject = (kind: SubjectKind, name: string, under = ''): Subject => ({
  kind,
  name,
  key: keyOf(`${kind} ${name}${under}`),
})

/** 48 bits: what SQLite and JavaScript both count exactly. */
export const keyOf = (text: string): number => hash('sha256', text, 'buffer').readUIntBE(0, 6)

function proves(domain: string, { dmarc, spf, dkim }: AuthChecks): boolean {
  const own = registeredPart(domain)
  if (dmarc.result === 'pass') return true
  const isAligned = spf.identity === 'mailfrom' && registeredPart(spf.domain) === own
  if (spf.result === 'pass' && isAligned && !isOpenToAll(spf)) return true
  return dkim.some((one) => one.result === 'pass' && registeredPart(one.domain) === own)
}

function signersOf(checks: AuthChecks | undefined): string[] {
  const passed = (checks?.dkim ?? []).filter(({ result }) => result === 'pass')
  return [...new Set(passed.map(({ domain }) => registeredPart(domain)))].slice(0, mostSigners)
}
