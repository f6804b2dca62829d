import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { readDs } from '../../src/modules/resolver/dnssec/records.ts'
import { createResolver } from '../../src/modules/resolver/index.ts'
import { systemClock } from '../../src/platform/clock.ts'
import type { DnsType } from '../../src/ports/dns-resolver.ts'
import { rr } from '../support/dns/records.ts'
import { createFakeLog, silentMeter } from '../support/fakes/runtime.ts'
import { requireDebian } from './support/debian.ts'

const run = promisify(execFile)
const ip = '127.53.9.1'

/** Zones signed by ldns and served by nsd: nothing of ours made them. */
const zones = [
  { name: 'ecdsa.test', algorithm: 'ECDSAP256SHA256', hashing: [] },
  { name: 'p384.test', algorithm: 'ECDSAP384SHA384', hashing: ['-n', '-p', '-t', '5', '-s', 'c0ffee'] },
  { name: 'rsa.test', algorithm: 'RSASHA256', hashing: ['-n', '-t', '0'] },
  { name: 'rsa512.test', algorithm: 'RSASHA512', hashing: [] },
  { name: 'ed25519.test', algorithm: 'ED25519', hashing: ['-n', '-t', '1', '-s', 'ab'] },
  { name: 'unsigned.test', algorithm: undefined, hashing: [] },
] as const

let folder: string
let nsd: ChildProcess
let stop: () => Promise<void>
let ask: (name: string, type: DnsType) => Promise<string>

beforeAll(async () => {
  await requireDebian('nsd', 'ldnsutils')
  folder = await mkdtemp(join(tmpdir(), 'homepost-nsd-'))
  const ds: string[] = []
  for (const zone of zones)
    ds.push(...(await sign(zone.name, zone.algorithm, zone.hashing, linesOf(zone.name))))
  const cuts = zones.map(({ name }) => `${name}. NS ns.${name}.\nns.${name}. A ${ip}`)
  const tops = await sign('test', 'ECDSAP256SHA256', ['-n', '-p', '-t', '0'], [...cuts, ...ds])
  const root = await sign('.', 'RSASHA256', [], [`test. NS ns.test.`, `ns.test. A ${ip}`, ...tops])
  const port = await startNsd()
  const anchor = readDs(rr((root[0] ?? '').replace(/\sIN\s/, ' ')).data)
  if (!anchor) throw new Error('The root has no DS')
  const { resolver, service } = createResolver({
    clock: systemClock,
    log: createFakeLog(),
    meter: silentMeter,
    settings: { rootHints: [ip], port, neverAsk: [], trustAnchors: [{ zone: '.', ds: [anchor] }] },
  })
  stop = () => service.stop()
  ask = async (name, type) => {
    const outcome = await resolver.resolve({ name, type, deadlineMs: Date.now() + 10_000 })
    return 'security' in outcome
      ? `${outcome.kind} ${outcome.security}`
      : `${outcome.kind} ${JSON.stringify(outcome.why)}`
  }
})
afterAll(async () => {
  nsd.kill()
  await stop()
  // Processes of its own write until they are gone, too.
  await rm(folder, { recursive: true, maxRetries: 20, retryDelay: 100 })
})

function linesOf(name: string): string[] {
  return [
    `www.${name}. A 192.0.2.1`,
    `mixed.${name}. MX 10 MAIL.${name}.`,
    `alias.${name}. CNAME www.${name}.`,
    `*.wild.${name}. TXT "any thing"`,
    `deep.empty.${name}. A 192.0.2.3`,
    `sub.${name}. NS ns.elsewhere.test.`,
    `moved.${name}. DNAME ecdsa.test.`,
    `many.${name}. TXT "b" "a"\nmany.${name}. TXT "aa"\nmany.${name}. TXT ""`,
  ]
}

/** Writes the zone, signs it, and returns the lines of its DS. */
async function sign(
  name: string,
  algorithm: string | undefined,
  hashing: readonly string[],
  lines: readonly string[],
): Promise<string[]> {
  const dot = name === '.' ? '.' : `${name}.`
  const file = join(folder, name === '.' ? 'root' : name)
  const soa = `${dot} SOA ns.${name === '.' ? 'test.' : dot} admin.test. 1 3600 600 86400 300`
  const own = [`$TTL 3600`, soa, `${dot} NS ns.${name === '.' ? 'test.' : dot}`]
  await writeFile(
    file,
    `${[...own, ...(name === '.' || name === 'test' ? [] : [`ns.${name}. A ${ip}`]), ...(name === 'test' ? [`ns.test. A ${ip}`] : []), ...lines].join('\n')}\n`,
  )
  if (!algorithm) return []
  const bits = algorithm.startsWith('RSA') ? ['-b', '1024'] : []
  const { stdout } = await run('ldns-keygen', ['-a', algorithm, ...bits, '-k', dot], { cwd: folder })
  const key = stdout.trim()
  await run('ldns-signzone', [...hashing, '-o', dot, '-f', `${file}.signed`, file, key], { cwd: folder })
  const { stdout: ds } = await run('ldns-key2ds', ['-n', '-2', `${key}.key`], { cwd: folder })
  return ds.trim().split('\n')
}

async function startNsd(): Promise<number> {
  const probe = createServer().listen(0, ip)
  await once(probe, 'listening')
  const address = probe.address()
  const port = typeof address === 'object' && address ? address.port : 0
  probe.close()
  const files = [
    ...zones.map(({ name, algorithm }) => [name, algorithm ? `${name}.signed` : name]),
    ['test', 'test.signed'],
    ['.', 'root.signed'],
  ]
  const settings = `server:
  ip-address: ${ip}@${port}
  username: ""
  chroot: ""
  database: ""
  zonesdir: "${folder}"
  pidfile: "${folder}/nsd.pid"
  xfrdfile: "${folder}/xfrd.state"
  zonelistfile: "${folder}/zone.list"
  xfrdir: "${folder}"
  server-count: 1
remote-control:
  control-enable: no
${files.map(([name, file]) => `zone:\n  name: "${name}"\n  zonefile: "${file}"\n`).join('')}`
  await writeFile(join(folder, 'nsd.conf'), settings)
  nsd = spawn('nsd', ['-d', '-c', join(folder, 'nsd.conf')], { stdio: 'ignore' })
  const deadline = Date.now() + 20_000
  while (!(await readFile(join(folder, 'nsd.pid')).catch(() => undefined)))
    if (Date.now() > deadline || nsd.exitCode !== null) throw new Error('nsd does not start')
  return port
}

describe.each(zones.map(({ name, algorithm, hashing }) => [name, algorithm, hashing.join(' ')] as const))(
  '%s, signed with %s %s',
  (zone, algorithm, hashing) => {
    const isOptOut = hashing.includes('-p')
    const security = algorithm ? 'secure' : 'insecure'
    const absence = algorithm && !isOptOut ? 'secure' : 'insecure'
    test.each([
      [`www.${zone}`, 'A', `records ${security}`],
      [`mixed.${zone}`, 'MX', `records ${security}`],
      [`many.${zone}`, 'TXT', `records ${security}`],
      [`alias.${zone}`, 'A', `records ${security}`],
      [`x.wild.${zone}`, 'TXT', `records ${isOptOut ? 'insecure' : security}`],
      [`x.wild.${zone}`, 'A', `no-data ${absence}`],
      [`www.${zone}`, 'TXT', `no-data ${security}`],
      [`empty.${zone}`, 'A', `no-data ${security}`],
      [`nobody.${zone}`, 'A', `no-name ${absence}`],
      [`www.moved.${zone}`, 'A', `records ${security}`],
      [zone, 'SOA', `records ${security}`],
      [zone, 'DNSKEY', algorithm ? 'records secure' : 'no-data insecure'],
      [zone, 'DS', algorithm ? 'records secure' : 'no-data secure'],
    ] as const)('%s %s is %s', async (name, type, expected) => {
      expect(await ask(name, type)).toBe(expected)
    })
  },
)
