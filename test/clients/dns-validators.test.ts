import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { writeMessage } from '../../src/modules/resolver/wire/encode.ts'
import { readMessage } from '../../src/modules/resolver/wire/message.ts'
import { nameToWire } from '../../src/modules/resolver/wire/name.ts'
import { rrType } from '../../src/modules/resolver/wire/types.ts'
import type { DnsOutcome, DnsType } from '../../src/ports/dns-resolver.ts'
import type { Response } from '../support/dns/authority.ts'
import { brokenZones } from '../support/dns/broken-zones.ts'
import {
  type Internet,
  sharedKey,
  startInternet,
  type TestResolver,
  type ZoneSketch,
} from '../support/dns/internet.ts'
import { dsRecord } from '../support/dns/signing.ts'
import { requireDebian } from './support/debian.ts'

type Verdict = 'secure' | 'insecure' | 'fails'

const begin = Date.now()
const { rows: broken, prepare } = brokenZones(Math.floor(begin / 1000))
const lines = (zone: string) => [
  `www.${zone}. 300 A 192.0.2.1`,
  `alias.${zone}. 300 CNAME www.${zone}.`,
  `*.wild.${zone}. 300 A 192.0.2.2`,
  `deep.empty.${zone}. 300 A 192.0.2.3`,
]
const hashing = { iterations: 3, salt: Buffer.from('abcd', 'hex'), optOut: false }
const sound: Record<string, ZoneSketch> = {
  'nsec.test': { lines: lines('nsec.test'), key: sharedKey(13) },
  'nsec3.test': { lines: lines('nsec3.test'), key: sharedKey(8), hashing },
  'optout.test': { lines: lines('optout.test'), key: sharedKey(15), hashing: { ...hashing, optOut: true } },
  'sub.optout.test': { lines: ['www.sub.optout.test. 300 A 192.0.2.1'] },
  'p384.test': { lines: lines('p384.test'), key: sharedKey(14), digestType: 4 },
  'ed448.test': { lines: lines('ed448.test'), key: sharedKey(16) },
  'rsa512.test': { lines: lines('rsa512.test'), key: sharedKey(10), hashing },
  'plain.test': { lines: lines('plain.test') },
  'moved.test': { lines: ['moved.test. 300 DNAME nsec.test.'], key: sharedKey(13) },
  'fuzz.test': { lines: lines('fuzz.test'), key: sharedKey(13), tamper: damaged },
  'fuzz3.test': { lines: lines('fuzz3.test'), key: sharedKey(13), hashing, tamper: damaged },
}
const asked = ['www', 'alias', 'any.wild', 'a.b.wild', 'empty', 'nobody', 'x.nobody']

let net: Internet
let resolver: TestResolver
let folder: string
let unbound: ChildProcess
let unboundPort: number

beforeAll(async () => {
  await requireDebian('unbound', 'bind9-dnsutils')
  folder = await mkdtemp(join(tmpdir(), 'homepost-dns-'))
  net = await startInternet(
    { ...sound, ...Object.fromEntries(broken.map(([zone, , , sketch]) => [zone, sketch])) },
    begin,
  )
  prepare(net)
  resolver = await net.resolver({ serve: { addresses: ['127.0.0.1'], port: 0, allowed: ['127.0.0.1'] } })
  await startUnbound()
})
afterAll(async () => {
  unbound.kill()
  await net.stop()
  // Processes of its own write until they are gone, too.
  await rm(folder, { recursive: true, maxRetries: 20, retryDelay: 100 })
})

const dsText = () => {
  const data = Buffer.from(dsRecord('.', net.anchor).data)
  return `${data.readUInt16BE(0)} ${data[2]} ${data[3]} ${data.subarray(4).toString('hex')}`
}

async function startUnbound(): Promise<void> {
  unboundPort = await freePort()
  const stubs = [...net.servers].map(
    ([zone, { ip }]) =>
      `stub-zone:\n  name: "${zone}"\n  stub-addr: ${ip}@${net.fleet.port}\n  stub-prime: no\n`,
  )
  const settings = `server:
  interface: 127.0.0.1
  port: ${unboundPort}
  username: ""
  chroot: ""
  directory: "${folder}"
  pidfile: ""
  use-syslog: no
  do-daemonize: no
  do-ip6: no
  do-not-query-localhost: no
  num-threads: 1
  qname-minimisation: no
  aggressive-nsec: no
  module-config: "validator iterator"
  trust-anchor: ". DS ${dsText()}"
  local-zone: "test." nodefault
  local-zone: "invalid." nodefault
remote-control:
  control-enable: no
${stubs.join('')}`
  await writeFile(join(folder, 'unbound.conf'), settings)
  unbound = spawn('unbound', ['-d', '-c', join(folder, 'unbound.conf')], {
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  let said = ''
  unbound.stderr?.on('data', (chunk: Buffer) => {
    said += chunk.toString()
  })
  const deadline = Date.now() + 30_000
  while ((await asksUnbound('www.plain.test', 'A').catch(() => 'silent')) !== 'insecure')
    if (Date.now() > deadline) throw new Error(`unbound does not answer: ${said}`)
}

async function freePort(): Promise<number> {
  const socket = createSocket('udp4')
  socket.bind(0, '127.0.0.1')
  await once(socket, 'listening')
  const { port } = socket.address()
  socket.close()
  return port
}

const types: Readonly<Record<string, number>> = rrType

async function asksUnbound(name: string, type: DnsType): Promise<Verdict> {
  const socket = createSocket('udp4')
  const question = { rawName: nameToWire(name), type: types[type] ?? 0 }
  const flags = {
    isResponse: false,
    opcode: 0,
    authoritative: false,
    truncated: false,
    recursionDesired: true,
  }
  const more = { recursionAvailable: false, authenticated: true, checkingDisabled: false, rcode: 0 }
  socket.send(writeMessage({ id: 5, ...flags, ...more, question }), unboundPort, '127.0.0.1')
  const timer = setTimeout(() => socket.emit('error', new Error('silent')), 10_000)
  try {
    const [bytes] = (await once(socket, 'message')) as [Buffer]
    const { rcode, authenticated } = readMessage(bytes)
    if (rcode !== 0 && rcode !== 3) return 'fails'
    return authenticated ? 'secure' : 'insecure'
  } finally {
    clearTimeout(timer)
    socket.close()
  }
}

function verdictOf(outcome: DnsOutcome): Verdict {
  if (outcome.kind === 'later' || outcome.kind === 'bogus') return 'fails'
  return outcome.security === 'secure' ? 'secure' : 'insecure'
}

describe('sound zones are judged as unbound judges them', () => {
  const names = Object.keys(sound)
    .filter((zone) => !zone.startsWith('fuzz'))
    .flatMap((zone) => asked.map((label) => `${label}.${zone}`))
  test.each(names)('%s', async (name) => {
    for (const type of ['A', 'TXT', 'DS'] as const)
      expect([type, verdictOf(await resolver.ask(name, type))]).toEqual([type, await asksUnbound(name, type)])
  })
})

/** Where we say less than unbound 1.17: SHA-1 (RFC 9905), RSA keys over 4096 bits (RFC 5702). */
const stricter = new Map<string, Verdict>([
  ['sha1.test', 'insecure'],
  ['sha1ds.test', 'insecure'],
  ['oversized.test', 'fails'],
])

describe('broken zones are judged as unbound judges them', () => {
  test.each(broken.map(([zone, name]) => [zone, name] as const))('%s: %s', async (zone, name) => {
    const ours = verdictOf(await resolver.ask(name))
    const theirs = await asksUnbound(name, 'A')
    expect({ zone, ours }).toEqual({ zone, ours: stricter.get(zone) ?? theirs })
  })
})

/** Flips an octet of a record or leaves one out, or does nothing; the same way for everybody who asks the same. Keys stay whole. */
function damaged(response: Response, { name, type }: { name: string; type: number }): Response {
  const dice = createHash('sha256').update(`${name} ${type}`).digest()
  const isKey = type === rrType.DNSKEY || type === rrType.DS || type === rrType.NS
  const isSpared = isKey || !name.includes('-') || (dice[6] ?? 0) % 3 === 0
  const records = [...response.answer, ...response.authority]
  const victim = records[dice.readUInt16BE(0) % Math.max(1, records.length)]
  if (isSpared || !victim) return response
  const change = (section: Response['answer']) =>
    section.flatMap((each) => {
      if (each !== victim) return [each]
      if ((dice[2] ?? 0) % 3 === 0) return []
      const data = Buffer.from(each.data)
      const at = dice.readUInt16BE(4) % data.length
      data.writeUInt8(data.readUInt8(at) ^ (1 << ((dice[3] ?? 0) % 8)), at)
      return [{ ...each, data }]
    })
  return { ...response, answer: change(response.answer), authority: change(response.authority) }
}

function truthOf(name: string, type: string): DnsOutcome['kind'] {
  if (!name.includes('.wild.')) return 'no-name'
  return type === 'A' ? 'records' : 'no-data'
}

test('no damage to an answer makes a lie secure; what unbound believes is not called bogus for nothing', {
  timeout: 300_000,
}, async () => {
  const kinds = [(at: number) => `x-${at}`, (at: number) => `x-${at}.wild`, (at: number) => `x-${at}.www`]
  const seen: Record<string, number> = {}
  for (let at = 0; at < 120; at++) {
    const zone = at % 2 === 0 ? 'fuzz.test' : 'fuzz3.test'
    const name = `${kinds[at % 3]?.(at)}.${zone}`
    const type = at % 5 === 0 ? 'TXT' : 'A'
    // A new one for each, so that nothing is answered from earlier proofs.
    const fresh = await net.resolver()
    const outcome = await fresh.ask(name, type)
    await fresh.close()
    const ours = verdictOf(outcome)
    const theirs = await asksUnbound(name, type)
    seen[`${ours}/${theirs}`] = (seen[`${ours}/${theirs}`] ?? 0) + 1
    // Damage to a record that proves nothing does no harm here; unbound throws all of the message away.
    const truth = truthOf(name, type)
    if (ours === 'secure') expect({ name, type, kind: outcome.kind }).toEqual({ name, type, kind: truth })
    if (ours === 'fails') expect({ name, type, theirs, outcome }).toMatchObject({ theirs: 'fails' })
    if (theirs === 'fails') expect({ name, type, ours }).not.toEqual({ name, type, ours: 'insecure' })
  }
  // Not everything breaks, and not everything survives.
  expect(seen['secure/secure'] ?? 0).toBeGreaterThan(5)
  expect(seen['fails/fails'] ?? 0).toBeGreaterThan(20)
})

test('delv validates through our server what we call secure, and nothing that we call bogus', async () => {
  const anchors = join(folder, 'anchors')
  const [tag, algorithm, digest, hex] = dsText().split(' ')
  await writeFile(anchors, `trust-anchors { . static-ds ${tag} ${algorithm} ${digest} "${hex}"; };\n`)
  const delv = async (name: string) => {
    const args = ['@127.0.0.1', '-p', String(resolver.port()), '-a', anchors, '+root', name, 'A']
    const { stdout, stderr } = await promisify(execFile)('delv', args, { timeout: 20_000 }).catch(
      (failure: { stdout: string; stderr: string }) => failure,
    )
    if (/; fully validated/.test(stdout)) return 'secure'
    return /; (unsigned|negative response, unsigned) answer|; unsigned/.test(stdout)
      ? 'insecure'
      : `fails: ${stdout}${stderr}`
  }
  for (const name of [
    'www.nsec.test',
    'any.wild.nsec3.test',
    'alias.p384.test',
    'www.rsa512.test',
    'www.moved.test',
  ])
    expect([name, await delv(name)]).toEqual([name, 'secure'])
  expect(await delv('www.plain.test')).toBe('insecure')
  for (const name of ['www.badsig.test', 'www.stripped.test', 'www.otherds.test', 'www.expired.test'])
    expect(await delv(name)).toMatch(/^fails/)
})
