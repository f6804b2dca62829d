import type { Challenges } from './challenges.ts'
import type { Account, ChallengeKind, Errand, ErrandOutcome, FailedName, Order, Problem } from './errand.ts'

/** The thread that talks to the authority. */
export type Authority = (errand: Errand) => Promise<ErrandOutcome>

export interface IssueRequest {
  readonly account: Account
  readonly challenge: ChallengeKind
  readonly names: readonly string[]
  /** PEM */
  readonly key: string
  readonly replaces: string | undefined
  /** Whether a certificate for these names alone is worth having. */
  readonly enough: (names: readonly string[]) => boolean
}

export type IssueOutcome =
  /** `failed`: names that it lacks. */
  | { readonly kind: 'issued'; readonly chain: string; readonly failed: readonly FailedName[] }
  | { readonly kind: 'names-failed'; readonly failed: readonly FailedName[] }
  | { readonly kind: 'refused'; readonly problem: Problem }

/** One certificate, from the order to the chain. As certbot does for Mailu: names that cannot be proven are left out. */
export async function issue(
  request: IssueRequest,
  authority: Authority,
  challenges: Challenges,
): Promise<IssueOutcome> {
  const first = await prove(request.names, request, authority, challenges)
  if (first.kind === 'refused') return first
  const { failed } = first
  if (failed.length === 0) return finish(first.order, request, authority, failed)
  const good = request.names.filter((name) => !failed.some((each) => each.name === name))
  if (good.length === 0 || !request.enough(good)) return { kind: 'names-failed', failed }
  // RFC 8555 §7.1.6: an order with a failed name is void. What was proven counts for the next one.
  const second = await prove(good, request, authority, challenges)
  if (second.kind === 'refused') return second
  if (second.failed.length > 0) return { kind: 'names-failed', failed: [...failed, ...second.failed] }
  return finish(second.order, request, authority, failed)
}

type Proven =
  | { readonly kind: 'proven'; readonly order: Order; readonly failed: readonly FailedName[] }
  | { readonly kind: 'refused'; readonly problem: Problem }

async function prove(
  names: readonly string[],
  { account, challenge, replaces }: IssueRequest,
  authority: Authority,
  challenges: Challenges,
): Promise<Proven> {
  const ordered = await authority({ kind: 'order', account, names, replaces, challenge })
  if (ordered.kind === 'failed') return { kind: 'refused', problem: ordered.problem }
  if (ordered.kind !== 'ordered') throw new Error(`an order came to ${ordered.kind}`)
  const { order } = ordered
  try {
    const unwritten = await challenges.present(order.tasks)
    const tasks = order.tasks.filter(({ name }) => !unwritten.some((each) => each.name === name))
    const proven = await authority({ kind: 'prove', account, order: { ...order, tasks } })
    if (proven.kind === 'failed') return { kind: 'refused', problem: proven.problem }
    if (proven.kind !== 'proven') throw new Error(`proofs came to ${proven.kind}`)
    return { kind: 'proven', order, failed: [...unwritten, ...proven.failed] }
  } finally {
    await challenges.withdraw(order.tasks)
  }
}

async function finish(
  order: Order,
  { account, key }: IssueRequest,
  authority: Authority,
  failed: readonly FailedName[],
): Promise<IssueOutcome> {
  const finished = await authority({ kind: 'finish', account, order, key })
  if (finished.kind === 'failed') return { kind: 'refused', problem: finished.problem }
  if (finished.kind !== 'issued') throw new Error(`an order ended as ${finished.kind}`)
  return { kind: 'issued', chain: finished.chain, failed }
}
