import type { Arrival } from '../../../ports/intake.ts'
import type { AuthChecks } from '../../../ports/mail-authentication.ts'
import { isNearby } from '../nearby.ts'
import { type Evidence, registeredPart } from './evidence.ts'
import type { Rule } from './rule.ts'

/** A message, who brought it, and what is known of that. */
export interface ArrivalSight extends Evidence {
  readonly arrival: Pick<Arrival, 'sender' | 'recipients' | 'client' | 'receivedAt' | 'repliesEach'>
  /** Undefined where nothing was checked. */
  readonly checks: AuthChecks | undefined
}

const day = 86_400_000

/** How it came, beside what it says. */
export const arrivalRules: readonly Rule<ArrivalSight>[] = [
  {
    symbol: 'DATE_IN_FUTURE',
    weight: 4,
    group: 'arrival',
    why: 'says it was written in the future',
    test: ({ content: { index }, arrival }) => (index.sentAt ?? 0) > arrival.receivedAt + day,
  },
  {
    symbol: 'DATE_IN_PAST',
    weight: 1,
    group: 'arrival',
    why: 'says it was written long ago',
    test: ({ content: { index }, arrival }) =>
      index.sentAt !== undefined && index.sentAt < arrival.receivedAt - 7 * day,
  },
  {
    symbol: 'FORGED_SENDER',
    weight: 0.3,
    group: 'arrival',
    why: 'was sent by another address than it says',
    test: ({ arrival: { sender }, from }) => sender !== undefined && from.length > 0 && !isFrom(sender, from),
  },
  {
    symbol: 'FORGED_RECIPIENTS',
    weight: 2,
    group: 'arrival',
    why: 'is for others than those who get it',
    test: isForOthers,
  },
  {
    symbol: 'RDNS_NONE',
    weight: 2,
    group: 'arrival',
    why: 'was brought by a computer without a name',
    test: ({ checks, arrival: { client } }) => checks?.iprev.result === 'permerror' && !isNearby(client.ip),
  },
  {
    symbol: 'HFILTER_HELO_BAREIP',
    weight: 3,
    group: 'arrival',
    why: 'was brought by a computer that gives a number as its name',
    test: ({ arrival: { client } }) => /^[\d.]+$/.test(client.helo) && !isNearby(client.ip),
  },
  {
    symbol: 'HFILTER_HELO_NOT_FQDN',
    weight: 2,
    group: 'arrival',
    why: 'was brought by a computer that gives half a name',
    test: ({ arrival: { client } }) => /^[^.[\]:]+$/.test(client.helo) && !isNearby(client.ip),
  },
  {
    symbol: 'R_SPF_ALLOW',
    weight: -0.2,
    group: 'policies',
    why: 'was brought by a computer that its sender names (SPF)',
    test: ({ checks }) => checks?.spf.result === 'pass' && !isOpenToAll(checks.spf),
  },
  {
    symbol: 'R_SPF_PLUSALL',
    weight: 4,
    group: 'policies',
    why: 'is from a domain that lets every computer in the world send for it (SPF)',
    test: ({ checks }) => checks !== undefined && isOpenToAll(checks.spf),
  },
  {
    symbol: 'R_SPF_FAIL',
    weight: 1,
    group: 'policies',
    why: 'was brought by a computer that its sender forbids (SPF)',
    test: ({ checks }) => checks?.spf.result === 'fail',
  },
  {
    symbol: 'R_DKIM_ALLOW',
    weight: -0.2,
    group: 'policies',
    why: 'bears a good signature (DKIM)',
    test: ({ checks }) => checks?.dkim.some(({ result }) => result === 'pass') === true,
  },
  {
    symbol: 'R_DKIM_REJECT',
    weight: 1,
    group: 'policies',
    why: 'bears a broken signature (DKIM)',
    test: ({ checks }) =>
      checks?.dkim.some(({ result }) => result === 'fail') === true &&
      checks.dkim.every(({ result }) => result !== 'pass'),
  },
  {
    symbol: 'DMARC_POLICY_ALLOW',
    weight: -0.5,
    group: 'policies',
    why: 'is from whom it says (DMARC)',
    test: ({ checks }) => checks?.dmarc.result === 'pass',
  },
  {
    symbol: 'DMARC_POLICY_REJECT',
    weight: 2,
    group: 'policies',
    why: 'is not from whom it says, who wants such mail refused (DMARC)',
    test: ({ checks }) => checks?.dmarc.result === 'fail' && checks.dmarc.policy === 'reject',
  },
  {
    symbol: 'DMARC_POLICY_QUARANTINE',
    weight: 1.5,
    group: 'policies',
    why: 'is not from whom it says, who distrusts such mail (DMARC)',
    test: ({ checks }) => checks?.dmarc.result === 'fail' && checks.dmarc.policy === 'quarantine',
  },
  {
    symbol: 'ARC_ALLOW',
    weight: -1,
    group: 'policies',
    why: 'came through others who vouch for it (ARC)',
    test: ({ checks }) => checks?.arc.result === 'pass',
  },
  {
    symbol: 'ARC_REJECT',
    weight: 1,
    group: 'policies',
    why: 'came through others whose word is broken (ARC)',
    test: ({ checks }) => checks?.arc.result === 'fail',
  },
]

/** `+all` fits everybody: whom it lets pass, nothing is proven of. */
export const isOpenToAll = ({ result, why }: AuthChecks['spf']): boolean =>
  result === 'pass' && /^\+?all$/i.test(why)

const isFrom = (sender: string, from: Evidence['from']): boolean =>
  from.some(({ domain }) => registeredPart(domain) === registeredPart(sender.split('@').at(-1) ?? ''))

/** Lists and blind copies are honest reasons; it counts where a person is named who gets none of it. */
function isForOthers({ arrival, to, cc, values }: ArrivalSight): boolean {
  if (values('list-id').length > 0 || to.length + cc.length === 0) return false
  const named = new Set([...to, ...cc].map(({ local, domain }) => `${local}@${domain}`.toLowerCase()))
  return !arrival.recipients.some(({ address }) => named.has(address.toLowerCase()))
}
