import { type DomainName, domainOf, localPartOf } from '../../lib/address.ts'
import { type NetworkSizes, networkOf } from '../../lib/network-of.ts'
import type { BreachedPasswords } from '../../ports/breached-passwords.ts'
import type { Change, DirectoryWriter } from '../../ports/directory-writer.ts'
import type { DnsResolver } from '../../ports/dns-resolver.ts'
import type { Clock, Log } from '../../ports/runtime.ts'
import type { DomainOwner, DomainSignedUp, DomainSignUp } from '../../ports/sign-up.ts'
import { SignUpAllowance, strangersName } from './sign-up-allowance.ts'

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

const perDay = 20
const patienceMs = 10_000
/** As in Mailu. */
const standard = { maxUsers: 10, maxAliases: 10 }

/** Mailu: `/domain/signup`. Whoever has led the mail of a domain here by its MX records owns it. */
export function domainSignUp({
  admin,
  breached,
  dns,
  settings,
  clock,
  log,
}: DomainSignUpNeeds): DomainSignUp {
  const allowance = new SignUpAllowance('domain-sign-up', perDay, clock)
  const own = new Set<string>(settings.hostnames)

  async function pointsHere(domain: DomainName): Promise<boolean> {
    const deadlineMs = clock.now() + patienceMs
    const found = await dns.resolve({ name: domain, type: 'MX', deadlineMs })
    if (found.kind !== 'records') return false
    return found.records.some(
      (record) => record.type === 'MX' && own.has(record.exchange.toLowerCase().replace(/\.$/, '')),
    )
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
      const toTry = allowance.waitToTry(network)
      if (toTry > 0) return { kind: 'throttled', retryAfterSeconds: toTry }
      const refused = await refusal(domain, owner)
      if (refused) return refused
      const toMake = allowance.waitToMake(network)
      if (toMake > 0) return { kind: 'throttled', retryAfterSeconds: toMake }
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
  domainOf(address) === domain && strangersName.test(localPartOf(address))

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
