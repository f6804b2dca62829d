import type { RememberedKey } from '../../ports/remembered.ts'
import type { TryLater } from '../../ports/runtime.ts'
import type { SieveEngine } from '../../ports/sieve.ts'
import { type Plan, plan, type TurnedAway } from './plan.ts'
import type { PlanFacts, Snapshot } from './plan-facts.ts'
import { havingSeen, type SnapshotParts, Snapshots } from './snapshots.ts'

export interface PlannerParts extends SnapshotParts {
  readonly engine: Pick<SieveEngine, 'evaluate'>
}

export type Planned =
  | (Extract<Plan, { kind: 'deliver' }> & { readonly snapshot: Snapshot })
  | TurnedAway
  | TryLater

type Question = Omit<PlanFacts, 'snapshot'>

/** Each plan that is made anew knows more than the one before; rules that never have enough end here. */
const mostPlans = 50
/** Rules may read all of a message, several times over: those that are larger come one after the other. */
const largeOctets = 4 * 1024 * 1024

export const endless: TryLater = {
  kind: 'later',
  reason: 'overloaded',
  text: 'Rules did not come to an end, try again later',
}

/** Looks at the world, plans, and looks again for what the plan lacks, until it lacks nothing. Changes nothing. */
export class Planner {
  readonly #engine: PlannerParts['engine']
  readonly #snapshots: Snapshots
  #large: Promise<undefined> = Promise.resolve(undefined)

  constructor(parts: PlannerParts) {
    this.#engine = parts.engine
    this.#snapshots = new Snapshots(parts)
  }

  async plan(question: Question): Promise<Planned> {
    if (question.arrival.message.size <= largeOctets) return this.#plan(question)
    const planned = this.#large.then(() => this.#plan(question))
    this.#large = planned.then(
      () => undefined,
      () => undefined,
    )
    return planned
  }

  async #plan(question: Question): Promise<Planned> {
    const taken = await this.#snapshots.take(question.arrival, question.judgement)
    return taken.kind === 'later' ? taken : this.#from(question, taken.snapshot)
  }

  /** Where rules turned out to have seen the message already. */
  async again(question: Question, snapshot: Snapshot, keys: readonly RememberedKey[]): Promise<Planned> {
    return this.#from(question, havingSeen(snapshot, keys))
  }

  async #from(question: Question, first: Snapshot): Promise<Planned> {
    const { arrival, judgement } = question
    let snapshot = first
    for (let attempt = 0; attempt < mostPlans; attempt++) {
      const planned = await plan({ ...question, snapshot }, this.#engine)
      if (planned.kind === 'deliver') return { ...planned, snapshot }
      if (planned.kind !== 'needs') return planned
      const taken = await this.#snapshots.extend(snapshot, planned.needs, arrival, judgement)
      if (taken.kind === 'later') return taken
      snapshot = taken.snapshot
    }
    return endless
  }
}
