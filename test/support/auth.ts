import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Address, type DomainName, parseAddress, parseDomain } from '../../src/lib/address.ts'
import { parseNetworks } from '../../src/lib/networks.ts'
import type { OpenServer } from '../../src/modules/auth/directory/database.ts'
import { type Auth, type AuthSettings, createAuth } from '../../src/modules/auth/index.ts'
import { createSqliteWriter } from '../../src/platform/sqlite/writer.ts'
import type { AccountId } from '../../src/ports/accounts.ts'
import type { DirectoryWriter, Kinds } from '../../src/ports/directory-writer.ts'
import type { MailAccounts } from '../../src/ports/mail-accounts.ts'
import type { OldServers } from '../../src/ports/old-servers.ts'
import { createFakeClock, type FakeClock } from './fakes/clock.ts'
import { noOldServers } from './fakes/old-servers.ts'
import { createFakeLog, type LoggedEvent, silentMeter } from './fakes/runtime.ts'

/** A whole directory in a folder of its own, on a clock that stands still. */
export interface TestAuth extends Auth {
  readonly clock: FakeClock
  readonly dataDir: string
  readonly events: readonly LoggedEvent[]
  /** What the mail store was told, in order. */
  readonly told: readonly string[]
  /** Ends it and starts it again on the same folder. */
  restart(settings?: Partial<AuthSettings>): Promise<TestAuth>
  end(): Promise<void>
}

export function address(text: string): Address {
  const parsed = parseAddress(text)
  if (parsed === undefined) throw new Error(`no address: ${text}`)
  return parsed
}

const settings: AuthSettings = {
  secretKey: undefined,
  siteName: 'Tom & Ann',
  breachedPasswordsUrl: undefined,
  external: undefined,
  domain: parseDomain('example.com') as DomainName,
  defaultSpamThreshold: 80,
  timeZone: 'Etc/UTC',
  dkimSelector: 'dkim',
  dkimPath: undefined,
  authRequireTokens: false,
  webdavTakesPasswords: false,
  apiToken: undefined,
  issuer: 'https://mail.example.test',
  recipientDelimiter: '+',
  postmaster: address('admin@example.com'),
  defaultQuota: 1_000_000_000,
  wildcardSenders: [],
  messageRatelimit: { count: 200, seconds: 86_400 },
  messageRatelimitExemption: [],
  welcomes: false,
  authRatelimitIp: { count: 5, seconds: 3_600 },
  authRatelimitIpV4Mask: 24,
  authRatelimitIpV6Mask: 48,
  authRatelimitUser: { count: 50, seconds: 86_400 },
  authRatelimitExemption: parseNetworks([]).networks,
  authRatelimitExemptionLength: 86_400,
  idleSeconds: 3_600,
  lifetimeSeconds: 2_592_000,
}

interface Start {
  readonly settings?: Partial<AuthSettings>
  readonly clock?: FakeClock
  readonly dataDir?: string
  readonly mailAccounts?: MailAccounts
  readonly oldServers?: Pick<OldServers, 'takes'>
  /** In place of directory.db. */
  readonly openServer?: OpenServer | undefined
}

export async function startAuth(start: Start = {}): Promise<TestAuth> {
  const { clock = createFakeClock(), dataDir = mkdtempSync(join(tmpdir(), 'homepost-auth-')) } = start
  const log = createFakeLog()
  const told: string[] = []
  const mailAccounts = start.mailAccounts ?? listening(told)
  const writer = createSqliteWriter({ log })
  const chosen = { ...settings, ...start.settings }
  const { openServer } = start
  const auth = createAuth({
    dataDir,
    writer,
    openServer,
    mailAccounts,
    oldServers: start.oldServers ?? noOldServers,
    clock,
    log,
    meter: silentMeter,
    settings: chosen,
  })
  await auth.service.start()
  const stop = async () => {
    await auth.service.drain()
    await auth.service.stop()
    await writer.stop()
  }
  return {
    ...auth,
    clock,
    dataDir,
    events: log.events,
    told,
    async restart(changed = {}) {
      await stop()
      return startAuth({ ...start, settings: { ...start.settings, ...changed }, clock, dataDir })
    },
    async end() {
      await stop()
      rmSync(dataDir, { recursive: true })
    },
  }
}

function listening(told: string[]): MailAccounts {
  return {
    async putAccount(account, { quotaBytes }) {
      told.push(`put ${account} ${quotaBytes}`)
    },
    async removeAccount(account) {
      told.push(`remove ${account}`)
    },
  }
}

/** Adds users all at once. */
export async function addUsers(
  admin: DirectoryWriter,
  users: readonly Kinds['user']['row'][],
): Promise<readonly AccountId[]> {
  const changes = users.map((row) => ({ on: 'user' as const, do: 'add' as const, row }))
  const applied = await admin.apply(changes, { actor: 'test' })
  if (applied.kind !== 'applied') throw new Error(JSON.stringify(applied))
  return applied.steps.map(({ account = 0 as AccountId }) => account)
}

export function domainRow(name: string, more: Partial<Kinds['domain']['row']> = {}): Kinds['domain']['row'] {
  const parsed = parseDomain(name)
  if (parsed === undefined) throw new Error(`no domain: ${name}`)
  return { name: parsed, ...more }
}

export function newUser(text: string, more: Partial<Kinds['user']['row']> = {}): Kinds['user']['row'] {
  return { address: address(text), password: 'correct horse', ...more }
}

/** Who needs no password: without one, adding him costs no time. */
export function silentUser(text: string, more: Partial<Kinds['user']['row']> = {}): Kinds['user']['row'] {
  const passwordHash = `$pbkdf2-sha256$1$${'A'.repeat(22)}$${'A'.repeat(43)}`
  return { address: address(text), passwordHash, ...more }
}

export function aliasRow(
  text: string,
  destination: readonly string[],
  more: Partial<Kinds['alias']['row']> = {},
): Kinds['alias']['row'] {
  return {
    address: text,
    destination: destination.map(address),
    wildcard: text.includes('%'),
    ...more,
  }
}
