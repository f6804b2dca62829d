import { type DomainName, domainOf, localPartOf } from '../../lib/address.ts'
import { type NetworkSizes, networkOf } from '../../lib/network-of.ts'
import type { BreachedPasswords } from '../../ports/breached-passwords.ts'
import type { Change, DirectoryWriter } from '../../ports/directory-writer.ts'
import type { DnsResolver } from '../../ports/dns-resolver.ts'
import type { Clock, Log } from '../../ports/runtime.ts'
import type { DomainOwner, DomainSignedUp, DomainSignUp } from '../../ports/sign-up.ts'
import { MovingWindow } from './limits/moving-window.ts'

export interface DomainSignUpNeeds {
  readonly admin: Pick<DirectoryWriter, 'apply'>
  readonly breached: BreachedPasswords
  readonly dns: Pick<DnsResolver, 'resolve'>
  readonly settings: {
    /** HOSTNAMES. */
    readonly hostnames: readonly DomainName[]
    /** DEFAULT_QUOTA. */
    readonly defaultQuota: number
    readonly networkSizes: NetworkSizes
  }
  readonly clock: Clock
  readonly log: Log
}

const perNetwork = { count: 3, seconds: 86_400 }
const perServer = { count: 20, seconds: 86_400 }
const triesPerNetwork = { count: 20, seconds: 3_600 }
const patienceMs = 10_000
/** As in Mailu. */
const standard = { maxUsers: 10, maxAliases: 10 }
const plain = /^[a-z0-9]+(?:[._-][a-z0-9]+)*$/

/** Mailu: `/domain/signup`. Whoever has led the mail of a domain here by its MX records owns it. */
export function domainSignUp({
  admin,
  breached,
  dns,
  settings,
  clock,
  log,
}: DomainSignUpNeeds): DomainSignUp {
  const tries = new MovingWindow('domain-sign-up-tries', triesPerNetwork)
  const made = new MovingWindow('domain-sign-ups', perNetwork)
  const all = new MovingWindow('domain-sign-ups-here', perServer)
  const own = new Set<string>(settings.hostnames)

  async function pointsHere(domain: DomainName): Promise<boolean> {
    const deadlineMs = clock.now() + patienceMs
    const found = await dns.resolve({ name: domain, type: 'MX', deadlineMs })
    if (found.kind !== 'records') return false
    return found.records.some(
      (record) => record.type === 'MX' && own.has(record.exchange.toLowerCase().replace(/\.$/, '')),
    )
  }

  /** In seconds; a try counts, whatever comes of it. */
  function wait(network: string): number {
    const now = clock.now()
    const full = Math.max(made.secondsToRoom(network, 1, now), all.secondsToRoom('', 1, now))
    if (full > 0) return full
    return tries.spend(network, 1, now) ? 0 : tries.secondsToRoom(network, 1, now)
  }

  async function refusal(domain: DomainName, owner: DomainOwner): Promise<DomainSignedUp | undefined> {
    if (owner.kind === 'new' && !isHisName(owner, domain)) return { kind: 'wrong-name' }
    if (!(await pointsHere(domain))) return { kind: 'elsewhere' }
    const isStolen = owner.kind === 'new' && (await breached.look(owner.password)) === 'breached'
    return isStolen ? { kind: 'breached' } : undefined
  }

  return {
    async signUp({ domain, owner, ip }): Promise<DomainSignedUp> {
      const network = networkOf(ip, settings.networkSizes)
      const retryAfterSeconds = wait(network)
      if (retryAfterSeconds > 0) return { kind: 'throttled', retryAfterSeconds }
      const refused = await refusal(domain, owner)
      if (refused) return refused
      // Spent before it is made: who asks ten times at once is one who asks ten times.
      if (!made.spend(network, 1, clock.now()) || !all.spend('', 1, clock.now()))
        return { kind: 'throttled', retryAfterSeconds: perNetwork.seconds }
      const changes = changesFor(domain, owner, settings.defaultQuota)
      const applied = await admin.apply(changes, { actor: 'sign-up', dryRun: false })
      if (applied.kind === 'later') return applied
      if (applied.kind === 'not-applied') return { kind: 'taken' }
      log.info('directory.domain-signed-up', { domain, user: owner.address, ip })
      return { kind: 'made' }
    },
  }
}

const isHisName = ({ address }: DomainOwner, domain: DomainName): boolean =>
  domainOf(address) === domain && plain.test(localPartOf(address))

function changesFor(name: DomainName, owner: DomainOwner, maxQuotaBytes: number): readonly Change[] {
  const { address } = owner
  return [
    { on: 'domain', do: 'add', row: { name, ...standard, maxQuotaBytes } },
    ...(owner.kind === 'new'
      ? ([{ on: 'user', do: 'add', row: { address, password: owner.password } }] as const)
      : []),
    { on: 'manager', do: 'add', row: { domain: name, user: address } },
  ]
}
