import type { Clock, Log } from '../../../ports/runtime.ts'
import { countLabels, isAtOrUnder, type Name, root } from '../wire/name.ts'
import { type DnsKey, type Ds, dsMatches, keyFlag } from './records.ts'

/** Where trust begins: RFC 4035 §4.4, kept up to date as RFC 5011 says. */
export interface Anchor {
  readonly zone: Name
  readonly ds: readonly Ds[]
}

/** The keys of the root, 2017 and 2024, as IANA publishes them. */
export const rootAnchor: Anchor = {
  zone: root,
  ds: [
    [20326, 'E06D44B80B8F1D39A95C0B0D7C65D08458E880409BBC683457104237C7F8EC8D'] as const,
    [38696, '683D2D0ACB8C9B712A1948B27F741219298D0A450D612C483AF444A4C0FB2B16'] as const,
  ].map(([keyTag, digest]) => ({ keyTag, algorithm: 8, digestType: 2, digest: Buffer.from(digest, 'hex') })),
}

/** A key of an anchor's zone as it was seen; RFC 5011 §4. */
export interface SeenKey {
  /** DNSKEY data in base64, without its revoke bit. */
  readonly key: string
  readonly state: 'pending' | 'valid' | 'revoked'
  /** UTC milliseconds: when it came into this state. */
  readonly since: number
  readonly lastSeen: number
}

export interface AnchorMemory {
  /** Whether a chain from this anchor was ever seen whole. */
  readonly validated: boolean
  readonly keys: readonly SeenKey[]
}

export type AnchorMemories = Readonly<Record<Name, AnchorMemory>>

/** Keeps what was learnt about anchors over a restart. */
export interface AnchorFile {
  read(): AnchorMemories
  write(memories: AnchorMemories): Promise<void>
}

/** RFC 5011 §2.4.1. */
const addHoldDownMs = 30 * 86_400_000
/** Longer unseen and not yet believed: forgotten. */
const forgetAfterMs = 90 * 86_400_000
const mostKeys = 16

const nothing: AnchorMemory = { validated: false, keys: [] }

export class Anchors {
  readonly #anchors: readonly Anchor[]
  readonly #untrusted: readonly Name[]
  readonly #file: AnchorFile
  readonly #clock: Clock
  readonly #log: Log
  #memories: AnchorMemories | undefined

  constructor(options: {
    anchors: readonly Anchor[]
    /** Zones that are believed without signatures: RFC 7646. */
    untrusted: readonly Name[]
    file: AnchorFile
    clock: Clock
    log: Log
  }) {
    this.#anchors = [...options.anchors].sort((a, b) => countLabels(b.zone) - countLabels(a.zone))
    this.#untrusted = options.untrusted
    this.#file = options.file
    this.#clock = options.clock
    this.#log = options.log
  }

  /** The nearest at or above the name. */
  above(name: Name): Anchor | undefined {
    return this.#anchors.find(({ zone }) => isAtOrUnder(name, zone))
  }

  isUntrusted(name: Name): Name | undefined {
    return this.#untrusted.find((zone) => isAtOrUnder(name, zone))
  }

  everValidated(zone: Name): boolean {
    return this.#memory(zone).validated
  }

  /** Whether the anchor vouches for this key today. */
  vouchesFor(anchor: Anchor, key: DnsKey): boolean {
    const seen = this.#memory(anchor.zone).keys.find((each) => each.key === textOf(key))
    if (seen?.state === 'revoked' || (key.flags & keyFlag.revoked) !== 0) return false
    return seen?.state === 'valid' || anchor.ds.some((ds) => dsMatches(ds, anchor.zone, key))
  }

  /** The keys of the zone, signed by one of those vouched for; `revoked` are those that signed their own end. */
  seen(zone: Name, keys: readonly DnsKey[], revoked: readonly DnsKey[]): void {
    const before = this.#memory(zone)
    const after = observed(before, keys, revoked, this.#clock.now())
    if (JSON.stringify(after) === JSON.stringify(before)) return
    this.#memories = { ...this.#memories, [zone]: after }
    this.#file
      .write(this.#memories)
      .catch((cause: unknown) => this.#log.error('resolver.anchors-not-kept', cause))
  }

  #memory(zone: Name): AnchorMemory {
    this.#memories ??= this.#file.read()
    return this.#memories[zone] ?? nothing
  }
}

/** The table of RFC 5011 §4.2: a new key waits 30 days, in which it must not vanish; a revoked one never comes back. */
export function observed(
  before: AnchorMemory,
  keys: readonly DnsKey[],
  revoked: readonly DnsKey[],
  now: number,
): AnchorMemory {
  const gone = new Set(revoked.map(textOf))
  const present = new Set(
    keys.filter(({ flags }) => (flags & keyFlag.entryPoint) !== 0 && !(flags & keyFlag.revoked)).map(textOf),
  )
  const kept = before.keys.flatMap((each): SeenKey[] => {
    if (gone.has(each.key) && each.state !== 'revoked')
      return [{ ...each, state: 'revoked', since: now, lastSeen: now }]
    if (!present.has(each.key)) {
      // RFC 5011 §4.2: one that vanishes while it waits starts again.
      return each.state === 'pending' || now - each.lastSeen > forgetAfterMs * 4 ? [] : [each]
    }
    const ripe = each.state === 'pending' && now - each.since >= addHoldDownMs
    const lastSeen = now - each.lastSeen > 86_400_000 ? now : each.lastSeen
    return [ripe ? { ...each, state: 'valid', since: now, lastSeen: now } : { ...each, lastSeen }]
  })
  const known = new Set(kept.map(({ key }) => key))
  const fresh = [...present].filter((key) => !known.has(key))
  const ended = [...gone].filter((key) => !known.has(key))
  const added = [
    ...fresh.map((key): SeenKey => ({ key, state: 'pending', since: now, lastSeen: now })),
    ...ended.map((key): SeenKey => ({ key, state: 'revoked', since: now, lastSeen: now })),
  ]
  return { validated: true, keys: [...kept, ...added].slice(0, mostKeys) }
}

/** The same before and after it was revoked. */
function textOf(key: DnsKey): string {
  const data = Buffer.from(key.data)
  data.writeUInt16BE(key.flags & ~keyFlag.revoked, 0)
  return data.toString('base64')
}
