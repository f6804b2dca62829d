import type { SieveFacts } from '../../../ports/sieve.ts'
import type { MetMessage } from './met-message.ts'
import type { EventParts, ScriptRun } from './prepare.ts'

interface Asked {
  readonly met: MetMessage
  readonly seen: readonly string[]
  readonly id: string
}

/** What a script may know of a message that somebody did something to. RFC 6785: there is no envelope. */
export function eventFacts(
  { clock, rules, sieve }: EventParts,
  { event, owner, user, mailboxes, lists, mailbox }: ScriptRun,
  { met, seen, id }: Asked,
): SieveFacts {
  const { address, displayedName, timeZone } = owner
  return {
    message: { index: met.index, bytes: met.bytes },
    envelope: { from: undefined, to: undefined, auth: undefined, parameters: {} },
    owner: { address, displayedName, addresses: [address], timeZone },
    now: clock.now(),
    seed: id,
    environment: {
      domain: address.slice(address.lastIndexOf('@') + 1),
      host: rules.hostname,
      location: 'MS',
      name: 'Homepost',
      phase: 'post',
      'imap.user': user,
      'imap.email': user,
      'imap.cause': event.cause,
      'imap.mailbox': mailbox,
      'imap.changedflags': event.changedFlags.join(' '),
    },
    mailboxes,
    lists,
    spam: { spamPercent: undefined, virus: 0 },
    seen,
    flags: met.flags,
    settings: sieve,
  }
}
