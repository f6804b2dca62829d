import { type Address, type DomainName, domainOf, localPartOf } from '../../lib/address.ts'
import { type NetworkSizes, networkOf } from '../../lib/network-of.ts'
import type { BreachedPasswords } from '../../ports/breached-passwords.ts'
import type { DirectoryAdmin } from '../../ports/directory-admin.ts'
import type { Clock, Log } from '../../ports/runtime.ts'
import type { SignedUp, SignUp } from '../../ports/sign-up.ts'
import { matchAddress } from './addresses/matching.ts'
import { createDirectoryLists } from './admin/lists.ts'
import type { Directory } from './directory/directory.ts'
import { orLater } from './directory/trouble.ts'
import { SignUpAllowance, strangersName } from './sign-up-allowance.ts'

interface Needs {
  readonly directory: Directory
  readonly admin: Pick<DirectoryAdmin, 'add'>
  readonly breached: BreachedPasswords
  readonly recipientDelimiter: string
  readonly networkSizes: NetworkSizes
  readonly clock: Clock
  readonly log: Log
}

/** Names that others take for somebody who speaks for the domain, and those who are asked before a certificate is given. */
const reserved = new Set(
  `abuse admin administrator billing daemon dmarc ftp help hostmaster info it legal list-request mailer-daemon marketing news noc
  no-reply noreply office postmaster root sales security spam ssladmin ssladministrator sslwebmaster staff support sysadmin system
  tls-reports tlsrpt usenet uucp webmaster www`.split(/\s+/),
)
const perDay = 100

/** Mailu: `/user/signup`. */
export function createSignUp(needs: Needs): SignUp {
  const { directory, admin, breached } = needs
  const allowance = new SignUpAllowance('sign-up', perDay, needs.clock)
  const open = async (): Promise<readonly DomainName[]> => {
    const { domains } = await directory.snapshot()
    const candidates = [...domains.values()].filter(({ signupEnabled }) => signupEnabled)
    if (candidates.length === 0) return []
    const users = new Map(
      (await createDirectoryLists(directory).counts()).map((each) => [each.domain, each.users]),
    )
    return candidates
      .filter(({ name, maxUsers }) => maxUsers < 0 || (users.get(name) ?? 0) < maxUsers)
      .map(({ name }) => name)
      .toSorted()
  }

  async function isFree(address: Address): Promise<boolean> {
    const local = localPartOf(address)
    if (!strangersName.test(local) || reserved.has(local)) return false
    // As in Mailu: where a catch-all takes everything, nobody takes a part of it.
    return matchAddress(await directory.snapshot(), needs.recipientDelimiter, address).kind === 'nobody'
  }

  async function signUp({ address, password, ip }: Parameters<SignUp['signUp']>[0]): Promise<SignedUp> {
    const network = networkOf(ip, needs.networkSizes)
    const toTry = allowance.waitToTry(network)
    if (toTry > 0) return { kind: 'throttled', retryAfterSeconds: toTry }
    if (!(await open()).includes(domainOf(address))) return { kind: 'closed' }
    if (!(await isFree(address))) return { kind: 'taken' }
    if ((await breached.look(password)) === 'breached') return { kind: 'breached' }
    const toMake = allowance.waitToMake(network)
    if (toMake > 0) return { kind: 'throttled', retryAfterSeconds: toMake }
    const added = await admin.add('user', { address, password }, 'sign-up')
    if (added.kind === 'added') needs.log.info('directory.signed-up', { user: address, ip })
    return outcomeOf(added)
  }

  return {
    domains: open,
    signUp: (asked) => orLater(() => signUp(asked)),
  }
}

function outcomeOf(added: Awaited<ReturnType<Needs['admin']['add']>>): SignedUp {
  if (added.kind === 'later') return added
  if (added.kind === 'added') return { kind: 'made' }
  if (added.reason === 'exists') return { kind: 'taken' }
  return added.reason === 'invalid' ? { kind: 'refused', text: added.text } : { kind: 'closed' }
}
