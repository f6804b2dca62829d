import { createPublicKey, generateKeyPairSync } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { parseAddress } from '../../src/lib/address.ts'
import { createMailAuthenticator, createMailSigner } from '../../src/modules/dkim/index.ts'
import type { SigningKey } from '../../src/ports/dkim-keys.ts'
import type { Arrival } from '../../src/ports/intake.ts'
import type { AuthChecks, MailAuthenticator } from '../../src/ports/mail-authentication.ts'
import { arrivalOf } from '../support/arrival.ts'
import { type Internet, startInternet, type TestResolver } from '../support/dns/internet.ts'
import { createFakeMessageBytes } from '../support/fakes/message-bytes.ts'
import { createFakeLog, silentMeter } from '../support/fakes/runtime.ts'
import { sealedMessage } from '../support/sealed-message.ts'
import { requireDebian } from './support/debian.ts'
import { type RspamdScanner, startRspamdScanner } from './support/rspamd-scanner.ts'

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

let net: Internet
let resolver: TestResolver
let rspamd: RspamdScanner
let authenticator: MailAuthenticator

const ambient = {
  bytes: createFakeMessageBytes(),
  clock: { now: () => Date.now(), sleep: () => Promise.resolve() },
  log: createFakeLog(),
  meter: silentMeter,
}

beforeAll(async () => {
  await requireDebian('rspamd')
  const zones = names.map((name) => [`${name}.test`, { lines: linesOf(name) }] as const)
  net = await startInternet(Object.fromEntries(zones), Date.now())
  resolver = await net.resolver({ serve: { addresses: ['127.0.0.1'], port: 0, allowed: ['127.0.0.0/8'] } })
  rspamd = await startRspamdScanner(resolver.port())
  authenticator = createMailAuthenticator({
    ...ambient,
    resolver,
    keys: { signing: async () => [] },
    hostnames: ['mx.home.test'],
    seal: false,
  })
})
afterAll(async () => {
  await rspamd.stop()
  await net.stop()
})

/** One of a list, by a number that grows; lists of coprime lengths meet in every way. */
const pick = <T>(list: readonly T[], at: number): T => list[at % list.length] as T

interface Sketch {
  readonly ip: string
  readonly sender: string
  readonly helo: string
  readonly text: string
  /** In words, for who reads a difference. */
  readonly said: string
}

const signings = ['none', 'rsa', 'ed', 'rsa damaged', 'ed damaged', 'rsa of another', 'no key'] as const

async function sketch(number: number): Promise<Sketch> {
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

async function ours({ text, ip, helo, sender }: Sketch): Promise<AuthChecks> {
  const arrival: Arrival = arrivalOf(sealedMessage(text), {
    sender: parseAddress(sender),
    client: { ip, helo, tls: false },
    receivedAt: Date.now(),
  })
  const { checks } = await authenticator.authenticate(arrival)
  if (!checks) throw new Error('nothing was checked')
  return checks
}

const spfSymbols: Readonly<Record<string, string>> = {
  R_SPF_ALLOW: 'pass',
  R_SPF_FAIL: 'fail',
  R_SPF_SOFTFAIL: 'softfail',
  R_SPF_NEUTRAL: 'neutral',
  R_SPF_NA: 'none',
  R_SPF_PERMFAIL: 'permerror',
  R_SPF_DNSFAIL: 'temperror',
}
const dkimSymbols: Readonly<Record<string, string>> = {
  R_DKIM_ALLOW: 'pass',
  R_DKIM_REJECT: 'fail',
  R_DKIM_PERMFAIL: 'permerror',
  R_DKIM_TEMPFAIL: 'temperror',
  R_DKIM_NA: 'none',
}
const dmarcSymbols: Readonly<Record<string, string>> = {
  DMARC_POLICY_ALLOW: 'pass',
  DMARC_POLICY_REJECT: 'fail reject',
  DMARC_POLICY_QUARANTINE: 'fail quarantine',
  DMARC_POLICY_SOFTFAIL: 'fail none',
  DMARC_NA: 'none',
  DMARC_BAD_POLICY: 'permerror',
}

const oneOf = (table: Readonly<Record<string, string>>, symbols: readonly string[]): string =>
  symbols.flatMap((symbol) => table[symbol] ?? []).join('+') || 'nothing'

/** Where rspamd says something else, and why we do not. */
const explained: readonly { readonly difference: RegExp; readonly said: RegExp; readonly why: string }[] = [
  {
    difference: /^SPF: ours permerror, rspamd fail$/,
    said: /envelope (?:<> of \S*)?broken\.test/,
    why: 'RFC 7208 §4.6: a mistake anywhere in a record makes it invalid; rspamd leaves the term out',
  },
]
const isExplained = (difference: string, said: string) =>
  explained.some((one) => one.difference.test(difference) && one.said.test(said))

test('of 1,000 messages rspamd says the same of SPF, DKIM and DMARC', { timeout: 300_000 }, async () => {
  const differences = new Map<string, string[]>()
  const note = (what: string, one: string, other: string, said: string) => {
    if (one === other) return
    const name = `${what}: ours ${one}, rspamd ${other}`
    if (isExplained(name, said)) return
    differences.set(name, [...(differences.get(name) ?? []), said])
  }
  const seen = new Set<string>()
  for (let number = 0; number < 1000; number++) {
    const made = await sketch(number)
    const { spf, dkim, dmarc } = await ours(made)
    const fields = { IP: made.ip, Helo: made.helo, From: made.sender, Rcpt: 'bob@home.test' }
    const symbols = await rspamd.symbols(made.text, fields)
    const dmarcSaid = dmarc.result === 'fail' ? `fail ${dmarc.policy}` : dmarc.result
    for (const result of [spf.result, dkim[0]?.result, dmarcSaid]) seen.add(String(result))
    note('SPF', spf.result, oneOf(spfSymbols, symbols), made.said)
    note('DKIM', dkim[0]?.result ?? 'none', oneOf(dkimSymbols, symbols), made.said)
    note('DMARC', dmarcSaid, oneOf(dmarcSymbols, symbols), made.said)
  }
  expect([...seen].sort()).toEqual([
    'fail',
    'fail none',
    'fail quarantine',
    'fail reject',
    'neutral',
    'none',
    'pass',
    'permerror',
    'softfail',
    'undefined',
  ])
  expect([...differences]).toEqual([])
})
