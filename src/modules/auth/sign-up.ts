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
import { MovingWindow } from './limits/moving-window.ts'

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
/** What a stranger may call himself: no sign that means something to a mail program, or to `user+folder`. */
const plain = /^[a-z0-9]+(?:[._-][a-z0-9]+)*$/
const longestName = 64

/** Accounts from one network, and from everywhere. */
const perNetwork = { count: 3, seconds: 86_400 }
const perServer = { count: 100, seconds: 86_400 }
/** Also those that come to nothing: nobody reads here who is taken. */
const triesPerNetwork = { count: 20, seconds: 3_600 }

/** Mailu: `/user/signup`. It asks for no letters in a picture, but for patience. */
export function createSignUp(needs: Needs): SignUp {
  const { directory, admin, breached } = needs
  const tries = new MovingWindow('sign-up-tries', triesPerNetwork)
  const made = new MovingWindow('sign-ups', perNetwork)
  const all = new MovingWindow('sign-ups-here', perServer)
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

  /** In seconds; a try counts, whatever comes of it. */
  function wait(network: string): number {
    const now = needs.clock.now()
    const full = Math.max(made.secondsToRoom(network, 1, now), all.secondsToRoom('', 1, now))
    if (full > 0) return full
    return tries.spend(network, 1, now) ? 0 : tries.secondsToRoom(network, 1, now)
  }

  async function isFree(address: Address): Promise<boolean> {
    const local = localPartOf(address)
    if (!plain.test(local) || local.length > longestName || reserved.has(local)) return false
    // As in Mailu: where a catch-all takes everything, nobody takes a part of it.
    return matchAddress(await directory.snapshot(), needs.recipientDelimiter, address).kind === 'nobody'
  }

  async function signUp({ address, password, ip }: Parameters<SignUp['signUp']>[0]): Promise<SignedUp> {
    const network = networkOf(ip, needs.networkSizes)
    const retryAfterSeconds = wait(network)
    if (retryAfterSeconds > 0) return { kind: 'throttled', retryAfterSeconds }
    if (!(await open()).includes(domainOf(address))) return { kind: 'closed' }
    if (!(await isFree(address))) return { kind: 'taken' }
    if ((await breached.look(password)) === 'breached') return { kind: 'breached' }
    // Spent before it is made: who asks ten times at once is one who asks ten times.
    const now = needs.clock.now()
    if (!made.spend(network, 1, now) || !all.spend('', 1, now))
      return { kind: 'throttled', retryAfterSeconds: perNetwork.seconds }
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
