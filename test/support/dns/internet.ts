import { readDs } from '../../../src/modules/resolver/dnssec/records.ts'
import { createResolver } from '../../../src/modules/resolver/index.ts'
import type { ResolverSettings } from '../../../src/modules/resolver/settings.ts'
import type { Rr } from '../../../src/modules/resolver/wire/message.ts'
import { parentOf } from '../../../src/modules/resolver/wire/name.ts'
import type { DnsOutcome, DnsResolver, DnsType } from '../../../src/ports/dns-resolver.ts'
import { createFakeClock, type FakeClock } from '../fakes/clock.ts'
import { createFakeLog, silentMeter } from '../fakes/runtime.ts'
import { type Fleet, type NameServer, startFleet, type Tamper } from './servers.ts'
import { dsRecord, makeKey, type Period, type ZoneKey } from './signing.ts'
import { type Hashing, makeZone, type Zone } from './zone.ts'

export interface ZoneSketch {
  readonly lines: readonly string[]
  readonly records?: readonly Rr[]
  /** Undefined: not signed. */
  readonly key?: ZoneKey
  /** What the parent says about it; undefined: the DS of its key. */
  readonly parentSays?: ZoneKey | 'nothing'
  readonly digestType?: number
  readonly hashing?: Hashing
  readonly period?: Period
  readonly tamper?: Tamper
}

export interface Internet {
  readonly clock: FakeClock
  readonly fleet: Fleet
  readonly zones: ReadonlyMap<string, Zone>
  readonly servers: ReadonlyMap<string, NameServer>
  readonly anchor: ZoneKey
  readonly log: ReturnType<typeof createFakeLog>
  resolver(settings?: ResolverSettings): Promise<TestResolver>
  stop(): Promise<void>
}

export interface TestResolver extends DnsResolver {
  ask(name: string, type?: DnsType): Promise<DnsOutcome>
  /** Where it answers others. */
  port(): number
  close(): Promise<void>
}

const day = 86_400
export const started = Date.UTC(2026, 0, 15, 12)
const validAt = (now: number): Period => ({
  from: Math.floor(now / 1000) - day,
  until: Math.floor(now / 1000) + 7 * day,
})

const rootIp = '127.53.0.1'
const topIp = '127.53.0.2'

interface Entry {
  readonly name: string
  readonly sketch: ZoneSketch
  readonly ip: string
}

/** One key serves many zones: making RSA keys takes time. */
const shared = new Map<number, ZoneKey>()
export function sharedKey(algorithm = 13): ZoneKey {
  const key = shared.get(algorithm) ?? makeKey(algorithm)
  shared.set(algorithm, key)
  return key
}

/**
 * A private internet: a signed root, the signed top level `test` (NSEC3), and zones `x.test`, each on its own address with the
 * name server `ns.x.test`. Their clock stands still.
 */
export async function startInternet(
  sketches: Readonly<Record<string, ZoneSketch>>,
  begin = started,
): Promise<Internet> {
  const clock = createFakeClock(begin)
  const validNow = validAt(begin)
  const anchor = makeKey(13)
  const topKey = makeKey(13)
  const entries: readonly Entry[] = Object.entries(sketches).map(([name, sketch], at) => ({
    name,
    sketch,
    ip: `127.53.1.${at + 1}`,
  }))
  const zones = new Map<string, Zone>()
  const servers = new Map<string, NameServer>()
  const put = (name: string, ip: string, zone: Zone, tamper?: Tamper) => {
    zones.set(name, zone)
    servers.set(name, { ip, zones: [zone], ...(tamper ? { tamper } : {}) })
  }
  for (const { name, sketch, ip } of entries) {
    const children = entries.filter((each) => parentOf(each.name) === name)
    const whole = {
      ...sketch,
      lines: [...sketch.lines, ...children.flatMap((child) => delegationLines(child.name, child.ip))],
      records: [
        ...(sketch.records ?? []),
        ...children.flatMap((child) => parentsDs(child.name, child.sketch)),
      ],
    }
    put(name, ip, sketchedZone(name, { period: validNow, ...whole }, ip), sketch.tamper)
  }
  const tops = entries.filter(({ name }) => parentOf(name) === 'test')
  put(
    'test',
    topIp,
    makeZone({
      name: 'test',
      keys: [topKey],
      hashing: { iterations: 0, salt: new Uint8Array(), optOut: false },
      period: validNow,
      lines: [
        'test. 3600 NS ns.nic.test.',
        `ns.nic.test. 3600 A ${topIp}`,
        ...tops.flatMap(({ name, ip }) => delegationLines(name, ip)),
      ],
      records: tops.flatMap(({ name, sketch }) => parentsDs(name, sketch)),
    }),
  )
  put(
    '.',
    rootIp,
    makeZone({
      name: '.',
      keys: [anchor],
      period: validNow,
      lines: [
        '. 3600 NS ns.root.',
        `ns.root. 3600 A ${rootIp}`,
        'test. 3600 NS ns.nic.test.',
        `ns.nic.test. 3600 A ${topIp}`,
      ],
      records: [dsRecord('test', topKey)],
    }),
  )
  const fleet = await startFleet([...servers.values()])
  const open: TestResolver[] = []
  const log = createFakeLog()
  return {
    clock,
    fleet,
    zones,
    servers,
    anchor,
    log,
    resolver: async (settings = {}) => {
      const ds = readDs(dsRecord('.', anchor).data)
      if (!ds) throw new Error('No DS')
      const { resolver, service } = createResolver({
        clock,
        log,
        meter: silentMeter,
        settings: {
          rootHints: [rootIp],
          port: fleet.port,
          neverAsk: [],
          trustAnchors: [{ zone: '.', ds: [ds] }],
          ...settings,
        },
      })
      const ask = (name: string, type: DnsType = 'A') =>
        resolver.resolve({ name, type, deadlineMs: clock.now() + 10_000 })
      await service.start()
      const made = { ...resolver, ask, port: () => service.port() ?? 0, close: () => service.stop() }
      open.push(made)
      return made
    },
    stop: async () => {
      for (const resolver of open) await resolver.close()
      await fleet.stop()
    },
  }
}

function delegationLines(name: string, ip: string): string[] {
  return [`${name}. 3600 NS ns.${name}.`, `ns.${name}. 3600 A ${ip}`]
}

function sketchedZone(name: string, sketch: ZoneSketch, ip: string): Zone {
  return makeZone({
    name,
    lines: [...delegationLines(name, ip), ...sketch.lines],
    records: sketch.records ?? [],
    ...(sketch.key ? { keys: [sketch.key] } : {}),
    ...(sketch.hashing ? { hashing: sketch.hashing } : {}),
    period: sketch.period ?? validAt(started),
  })
}

function parentsDs(name: string, { parentSays, key, digestType = 2 }: ZoneSketch) {
  const vouched = parentSays ?? key
  return vouched === undefined || vouched === 'nothing' ? [] : [dsRecord(name, vouched, 3600, digestType)]
}
