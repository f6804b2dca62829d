import { createPublicKey, generateKeyPairSync } from 'node:crypto'
import { parseAddress } from '../../../src/lib/address.ts'
import { createMailAuthenticator, createMailSigner } from '../../../src/modules/dkim/index.ts'
import type { SigningKey } from '../../../src/ports/dkim-keys.ts'
import type { AuthChecks, MailAuthenticator } from '../../../src/ports/mail-authentication.ts'
import { arrivalOf } from '../../support/arrival.ts'
import { type Internet, startInternet, type TestResolver } from '../../support/dns/internet.ts'
import { sealedMessage } from '../../support/sealed-message.ts'
import { ambient } from './signed-letters.ts'

const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 })
const ed25519 = generateKeyPairSync('ed25519')
const spki = (key: typeof rsa) => createPublicKey(key.privateKey).export({ type: 'spki', format: 'der' })
const keys = {
  rsa: { pem: rsa.privateKey, record: `v=DKIM1; k=rsa; p=${spki(rsa).toString('base64')}` },
  ed: {
    pem: ed25519.privateKey,
    record: `v=DKIM1; k=ed25519; p=${spki(ed25519).subarray(-32).toString('base64')}`,
  },
}

/** What each domain publishes: SPF, DMARC. */
const domains: Readonly<Record<string, { readonly spf?: string; readonly dmarc?: string }>> = {
  strict: { spf: 'v=spf1 ip4:192.0.2.0/24 -all', dmarc: 'v=DMARC1; p=reject; adkim=s; aspf=s' },
  loose: { spf: 'v=spf1 ip4:192.0.2.0/24 ~all', dmarc: 'v=DMARC1; p=quarantine' },
  open: { spf: 'v=spf1 ip4:192.0.2.0/24 ?all', dmarc: 'v=DMARC1; p=none' },
  bare: {},
  broken: { spf: 'v=spf1 ip4:192.0.2.999 -all', dmarc: 'v=DMARC1; p=reject' },
  included: { spf: 'v=spf1 include:strict.test -all', dmarc: 'v=DMARC1; p=reject; sp=none' },
  redirected: { spf: 'v=spf1 redirect=loose.test', dmarc: 'v=DMARC1; p=reject; sp=quarantine' },
  mailing: { spf: 'v=spf1 mx a:far.mailing.test -all' },
}
const names = Object.keys(domains)

function linesOf(name: string): string[] {
  const zone = `${name}.test.`
  const { spf, dmarc } = domains[name] ?? {}
  const text = (owner: string, value: string) =>
    `${owner} 300 TXT ${(value.match(/.{1,200}/g) ?? []).map((part) => `"${part}"`).join(' ')}`
  return [
    `${zone} 300 MX 10 mx.${zone}`,
    `mx.${zone} 300 A 192.0.2.9`,
    `far.${zone} 300 A 198.51.100.9`,
    text(`rsa._domainkey.${zone}`, keys.rsa.record),
    text(`ed._domainkey.${zone}`, keys.ed.record),
    ...(spf ? [text(zone, spf)] : []),
    ...(dmarc ? [text(`_dmarc.${zone}`, dmarc)] : []),
  ]
}

export interface SketchStage {
  /** Of a resolver on 127.0.0.1 that knows the domains. */
  readonly port: number
  /** What we say of one. */
  checks(sketch: Sketch): Promise<AuthChecks>
  end(): Promise<void>
}

/** An internet where the domains of the sketches publish what they do. */
export async function startSketches(): Promise<SketchStage> {
  const zones = names.map((name) => [`${name}.test`, { lines: linesOf(name) }] as const)
  const net: Internet = await startInternet(Object.fromEntries(zones), Date.now())
  const resolver: TestResolver = await net.resolver({
    serve: { addresses: ['127.0.0.1'], port: 0, allowed: ['127.0.0.0/8'] },
  })
  const authenticator = createMailAuthenticator({
    ...ambient,
    resolver,
    keys: { signing: async () => [] },
    hostnames: ['mx.home.test'],
    seal: false,
  })
  return {
    port: resolver.port(),
    checks: (sketch) => checksOf(authenticator, sketch),
    end: () => net.stop(),
  }
}

/** One of a list, by a number that grows; lists of coprime lengths meet in every way. */
const pick = <T>(list: readonly T[], at: number): T => list[at % list.length] as T

export interface Sketch {
  readonly ip: string
  readonly sender: string
  readonly helo: string
  readonly text: string
  /** In words, for who reads a difference. */
  readonly said: string
}

const signings = ['none', 'rsa', 'ed', 'rsa damaged', 'ed damaged', 'rsa of another', 'no key'] as const

export async function sketch(number: number): Promise<Sketch> {
  const name = pick(names, number)
  const other = pick(names, number * 5 + 3)
  const author = pick([`${name}.test`, `${name}.test`, `sub.${name}.test`], Math.floor(number / 8))
  const envelope = pick(
    [`${name}.test`, `${name}.test`, `bounce.${name}.test`, `${other}.test`, ''],
    Math.floor(number / 24),
  )
  const signing = pick(signings, Math.floor(number / 3))
  const ip = pick(['192.0.2.9', '198.51.100.9'], Math.floor(number / 11))
  const helo = pick([`mx.${name}.test`, `${name}.test`], number)
  const by = signing === 'rsa of another' ? `${other}.test` : `${name}.test`
  const plain = [
    `From: Ann <ann@${author}>`,
    'To: bob@home.test',
    `Subject: number ${number}`,
    'Date: Fri, 21 Nov 2025 10:00:00 +0000',
    `Message-ID: <${number}@${author}>`,
    '',
    `Letter ${number}\r\n`,
  ].join('\r\n')
  const text = signing === 'none' ? plain : await signed(plain, by, signing)
  return {
    ip,
    helo,
    sender: envelope === '' ? '' : `ann@${envelope}`,
    text: signing.endsWith('damaged') ? `${text}not signed\r\n` : text,
    said: `from ${author}, envelope ${envelope || `<> of ${helo}`}, ip ${ip}, signed ${signing}${signing === 'rsa of another' ? ` ${by}` : ''}`,
  }
}

async function signed(text: string, by: string, signing: (typeof signings)[number]): Promise<string> {
  const kind = signing.startsWith('ed') ? 'ed' : 'rsa'
  const key: SigningKey = {
    domain: by as SigningKey['domain'],
    selector: signing === 'no key' ? 'nobody' : kind,
    pem: keys[kind].pem.export({ type: 'pkcs8', format: 'pem' }).toString(),
  }
  const signer = createMailSigner({ ...ambient, keys: { signing: async () => [key], all: async () => [] } })
  const { header } = await signer.sign(sealedMessage(text), parseAddress(`ann@${by}`))
  return header + text
}

async function checksOf(
  authenticator: MailAuthenticator,
  { text, ip, helo, sender }: Sketch,
): Promise<AuthChecks> {
  const { checks } = await authenticator.authenticate(
    arrivalOf(sealedMessage(text), {
      sender: parseAddress(sender),
      client: { ip, helo, tls: false },
      receivedAt: Date.now(),
    }),
  )
  if (!checks) throw new Error('nothing was checked')
  return checks
}
