import { randomInt } from 'node:crypto'
import { type Address, type DomainName, domainOf } from '../../../../lib/address.ts'
import { here } from '../../../../lib/old-server.ts'
import type { AccountId } from '../../../../ports/accounts.ts'
import type { Refusal } from '../../../../ports/directory-writer.ts'
import { and, count, eq, inArray, ne } from '../../directory/drizzle.ts'
import { type Repository, rowsPerStatement } from '../../directory/repository.ts'
import { readDepartures, readUsers, type User } from '../../directory/rows.ts'
import {
  accountIds,
  aliases,
  claims,
  oauthGrants,
  sessions,
  users,
  welcomes,
} from '../../directory/schema.ts'
import { notKnownYet } from '../../elsewhere.ts'
import { checkUser } from '../checks.ts'
import { claim } from '../claim.ts'
import { noSuchDomain, quotaAboveCeiling, refusal, tooMany } from '../refusals.ts'
import { type Rules, stamps, type Tx } from '../rules.ts'
import { prepareUser } from './passwords.ts'

export const userRules: Rules<'user', User> = {
  keyOf: ({ address }) => address,
  nameOf: ({ address }) => address,
  prepare: prepareUser,
  find: async ({ db }, address) => (await readUsers(db, eq(users.address, address)))[0],
  async standard({ standard }, rows, { address }) {
    const domain = address && (await rows.limitsOf(domainOf(address)))
    const ceiling = domain?.maxQuotaBytes ?? 0
    return {
      quotaBytes: isAbove(standard.quotaBytes, ceiling) ? ceiling : standard.quotaBytes,
      spamThreshold: standard.spamThreshold,
      ...unsaid,
    }
  },
  kept: ['account', 'passwordHash', 'scram', 'signInVersion', 'oldServer'],
  hidden: { passwordHash: 'password', scram: 'nothing', signInVersion: 'nothing' },
  check: checkUser,
  async insert(tx, asked) {
    const { rows } = tx
    const row = { ...asked, account: newAccountId() }
    const name = domainOf(row.address)
    const refused =
      (await noRoom(tx, row)) ?? (await noPassword(rows, row)) ?? (await claim(rows, row.address, name))
    if (refused) return refused
    await rows.db.insert(accountIds).values({ account: row.account, createdAt: rows.now() })
    await rows.db.insert(users).values({ ...row, domain: name, ...stamps(rows, row) })
    if (tx.welcomes) await rows.db.insert(welcomes).values({ account: row.account })
    return row
  },
  async update({ rows, overLimits }, row, old, changed) {
    const [leaving] = await readDepartures(rows.db, eq(users.account, row.account))
    if (leaving)
      return refusal('exists', `${row.address} is deleted, and gone for good soon. Take the user back first.`)
    if (row.quotaBytes !== old.quotaBytes && !overLimits) {
      const domain = await rows.limitsOf(domainOf(row.address))
      const ceiling = domain?.maxQuotaBytes ?? 0
      if (isAbove(row.quotaBytes, ceiling)) return quotaAboveCeiling(row.address, ceiling)
    }
    const unknown =
      'passwordHash' in changed || 'oldServer' in changed ? await noPassword(rows, row) : undefined
    if (unknown) return unknown
    const opens = 'passwordHash' in changed ? { signInVersion: old.signInVersion + 1 } : {}
    await rows.db
      .update(users)
      .set({ ...changed, ...opens, updatedAt: rows.now() })
      .where(eq(users.account, row.account))
    if ('passwordHash' in changed || !row.enabled) {
      await rows.db.delete(sessions).where(eq(sessions.account, row.account))
      await rows.db.delete(oauthGrants).where(eq(oauthGrants.account, row.account))
    }
    return undefined
  },
  async remove({ rows }, { account, address }) {
    await removeOwned(rows, [address])
    await rows.buryAccounts([account])
    await rows.release(address)
  },
}

/** Deletes the anonymous aliases of these users, wherever they are. */
export async function removeOwned(rows: Repository, owners: readonly Address[]): Promise<void> {
  for (let at = 0; at < owners.length; at += rowsPerStatement) {
    const some = owners.slice(at, at + rowsPerStatement)
    const owned = await rows.db
      .select({ address: aliases.address })
      .from(aliases)
      .where(and(ne(aliases.owner, ''), inArray(aliases.owner, some)))
    for (const { address } of owned) await rows.db.delete(claims).where(eq(claims.name, address))
  }
}

const unsaid: Partial<User> = {
  enabled: true,
  globalAdmin: false,
  enableImap: true,
  enablePop: true,
  allowSpoofing: false,
  forwardEnabled: false,
  forwardDestination: [],
  forwardKeep: true,
  replyEnabled: false,
  replySubject: '',
  replyBody: '',
  replyStart: '1900-01-01',
  replyEnd: '2999-12-31',
  displayedName: '',
  spamEnabled: true,
  spamMarkAsRead: true,
  detailFiling: false,
  mustChangePassword: false,
  timeZone: '',
  messageRate: 'standard',
  oldServer: '',
  comment: '',
  passwordHash: '',
  scram: '',
  signInVersion: 0,
}

/** Random, so that a number says nothing; that it was never given before is held by the database. */
function newAccountId(): AccountId {
  return randomInt(1, 2 ** 48 - 1) as AccountId
}

async function noRoom({ rows, overLimits }: Tx, { address, quotaBytes }: User): Promise<Refusal | undefined> {
  const name = domainOf(address)
  const domain = await rows.limitsOf(name)
  if (!domain) return noSuchDomain(name, await rows.mainDomainOf(name), address)
  if (overLimits) return undefined
  if (domain.maxUsers >= 0 && (await countUsers(rows, name)) >= domain.maxUsers) {
    return tooMany('users', name, domain.maxUsers)
  }
  if (isAbove(quotaBytes, domain.maxQuotaBytes)) return quotaAboveCeiling(address, domain.maxQuotaBytes)
  return undefined
}

/** Only an old server can say which password is right of somebody whose password is not known yet. */
async function noPassword(
  rows: Repository,
  { address, passwordHash, oldServer }: User,
): Promise<Refusal | undefined> {
  if (passwordHash !== notKnownYet) return undefined
  const server = oldServer || (await rows.limitsOf(domainOf(address)))?.oldServer || here
  return server === here
    ? refusal('invalid', `${address} needs a password: no old server is set that could be asked for it.`)
    : undefined
}

async function countUsers({ db }: Repository, domain: DomainName): Promise<number> {
  const [row] = await db.select({ n: count() }).from(users).where(eq(users.domain, domain))
  return row?.n ?? 0
}

/** A ceiling of 0 is none; a quota of 0 is unlimited, and so above every ceiling. */
function isAbove(quotaBytes: number, ceiling: number): boolean {
  return ceiling > 0 && (quotaBytes === 0 || quotaBytes > ceiling)
}
