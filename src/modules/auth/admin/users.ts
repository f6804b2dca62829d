import { randomInt } from 'node:crypto'
import { type Address, domainOf } from '../../../lib/address.ts'
import type { AccountId } from '../../../ports/accounts.ts'
import type {
  Changed,
  DirectoryAdmin,
  NewUser,
  Refusal,
  UserRow,
  UserSettings,
} from '../../../ports/directory-admin.ts'
import type { Repository } from '../directory/repository.ts'
import type { User } from '../directory/rows.ts'
import { without } from '../directory/without.ts'
import { type AdminParts, change, claim } from './change.ts'
import { checkForwarding, checkUser, noSuchDomain, quotaAboveCeiling, tooMany } from './checks.ts'

type UserAdmin = Pick<
  DirectoryAdmin,
  'users' | 'user' | 'addUser' | 'addUsers' | 'setUser' | 'setPassword' | 'deleteUser'
>

type Settings = Omit<UserSettings, 'quotaBytes'>

/** As it is to be stored, but for the quota where none was asked for. */
interface HashedUser extends Settings {
  readonly address: Address
  readonly account: AccountId
  readonly password: string
  readonly quotaBytes?: number
}

type StoredUser = HashedUser & UserSettings

export function createUserAdmin(parts: AdminParts): UserAdmin {
  const { directory, hasher } = parts
  const userAt = async (address: Address) => (await directory.snapshot()).users.get(address)
  return {
    users: async (domain) => {
      const { users } = await directory.snapshot()
      return [...users.values()]
        .filter(({ address }) => domain === undefined || domainOf(address) === domain)
        .map(row)
    },
    user: async (address) => {
      const user = await userAt(address)
      return user && row(user)
    },
    addUsers: async (users) => {
      const added = await addUsers(parts, users)
      if (added.kind === 'refused') return added
      return { kind: 'added', accounts: added.users.map(({ account }) => account) }
    },
    addUser: async (user) => {
      const added = await addUsers(parts, [user])
      if (added.kind === 'refused') return added
      const [{ account } = noAccount()] = added.users
      return { kind: 'added', account }
    },
    setUser: async (address, settings) => {
      const user = await userAt(address)
      if (!user) return { kind: 'missing' }
      const wrong = checkUser(settings) ?? checkForwarding({ ...user, ...settings })
      return wrong ?? changeUser(parts, user, settings)
    },
    setPassword: async (address, password) => {
      const user = await userAt(address)
      if (!user) return { kind: 'missing' }
      const wrong = checkUser({ password })
      return wrong ?? changeUser(parts, user, { password: await hasher.hashNew(password) })
    },
    deleteUser: async (address) => {
      const user = await userAt(address)
      if (!user) return { kind: 'missing' }
      await directory.write(async (rows) => {
        await rows.buryAccounts([user.account])
        await rows.release(address)
      })
      await sweepDeleted(parts)
      return { kind: 'deleted', account: user.account }
    },
  }
}

type UsersAdded = { readonly kind: 'added'; readonly users: readonly StoredUser[] }

async function addUsers(parts: AdminParts, newUsers: readonly NewUser[]): Promise<UsersAdded | Refusal> {
  for (const user of newUsers) {
    const wrong = checkUser(user) ?? checkForwarding({ ...standard, ...user })
    if (wrong) return wrong
  }
  const hashed = await Promise.all(newUsers.map((user) => withHash(parts, user)))
  const added = await change<UsersAdded>(parts.directory, async (rows) => {
    const users: StoredUser[] = []
    for (const user of hashed) {
      const inserted = await insertUser(rows, user, parts.defaultQuota)
      if (inserted.kind === 'refused') return inserted
      users.push(inserted.user)
    }
    return { kind: 'added', users }
  })
  if (added.kind === 'refused') return added
  await Promise.all(
    added.users.map(({ account, quotaBytes }) => parts.mailAccounts.putAccount(account, { quotaBytes })),
  )
  return added
}

async function changeUser(
  { directory, mailAccounts }: AdminParts,
  { account, address }: User,
  to: Partial<UserSettings> & { password?: string },
): Promise<Changed> {
  const { quotaBytes } = to
  const changed = await change<Changed>(directory, async (rows) => {
    const ceiling =
      quotaBytes === undefined ? 0 : ((await rows.domain(domainOf(address)))?.maxQuotaBytes ?? 0)
    if (isAbove(quotaBytes ?? 0, ceiling)) return quotaAboveCeiling(address, ceiling)
    await rows.updateUser(account, to)
    return { kind: 'changed' }
  })
  if (changed.kind === 'changed' && quotaBytes !== undefined)
    await mailAccounts.putAccount(account, { quotaBytes })
  return changed
}

/** Tells the mail store whose mail may go; asked again at the next start where it could not hear it. */
export async function sweepDeleted({
  directory,
  mailAccounts,
}: Pick<AdminParts, 'directory' | 'mailAccounts'>): Promise<void> {
  for (const account of await directory.reads.unsweptAccounts()) {
    await mailAccounts.removeAccount(account)
    await directory.write((rows) => rows.markSwept(account))
  }
}

const standard: Settings = {
  enabled: true,
  globalAdmin: false,
  enableImap: true,
  enablePop: true,
  allowSpoofing: false,
  forwardEnabled: false,
  forwardDestination: [],
  forwardKeep: true,
  displayedName: '',
  comment: '',
}

async function withHash({ hasher }: AdminParts, user: NewUser): Promise<HashedUser> {
  return { ...standard, ...user, account: newAccountId(), password: await hasher.hashNew(user.password) }
}

/** Random, so that a number says nothing; that it was never given before is held by the database. */
function newAccountId(): AccountId {
  return randomInt(1, 2 ** 48 - 1) as AccountId
}

async function insertUser(
  rows: Repository,
  asked: HashedUser,
  defaultQuota: number,
): Promise<{ kind: 'inserted'; user: StoredUser } | Refusal> {
  const name = domainOf(asked.address)
  const domain = await rows.domain(name)
  if (!domain) return noSuchDomain(name, await rows.mainDomainOf(name), asked.address)
  if (domain.maxUsers >= 0 && (await rows.countUsers(name)) >= domain.maxUsers) {
    return tooMany('users', name, domain.maxUsers)
  }
  const ceiling = domain.maxQuotaBytes
  const user = {
    ...asked,
    quotaBytes: asked.quotaBytes ?? (isAbove(defaultQuota, ceiling) ? ceiling : defaultQuota),
  }
  if (isAbove(user.quotaBytes, ceiling)) return quotaAboveCeiling(user.address, ceiling)
  const taken = await claim(rows, user.address, name)
  if (taken) return taken
  await rows.insertUser(user)
  return { kind: 'inserted', user }
}

/** A ceiling of 0 is none; a quota of 0 is unlimited, and so above every ceiling. */
function isAbove(quotaBytes: number, ceiling: number): boolean {
  return ceiling > 0 && (quotaBytes === 0 || quotaBytes > ceiling)
}

function row(user: User): UserRow {
  return without(user, 'passwordHash')
}

function noAccount(): never {
  throw new Error('a user was added without an account')
}
