import { nextTurn } from '../../../platform/next-turn.ts'
import { workPerTurn } from './in-slices.ts'
import { none } from './thread-forest.ts'

/** Keys of each message's Message-IDs: its own first (0 where it has none), then those above it, the oldest first. */
type IdsOf = (message: number) => ArrayLike<number>

/** What threading looks at; messages go by their place in the mailbox, from 0. */
export interface Threadable {
  readonly count: number
  /** RFC 5256 §2.2. */
  readonly dates: ArrayLike<number>
  readonly idsOf: IdsOf
  /** Equal numbers for equal base subjects; undefined where it is empty. */
  readonly subjectOf: (message: number) => number | undefined
  readonly isReply: (message: number) => boolean
}

/** Parents of messages and of the dummies behind them; a dummy stands for an id that no message bears. */
interface Links {
  readonly parents: readonly number[]
}

/** RFC 5256 §3 REFERENCES, step 1. */
export async function linkByReferences(messages: number, idsOf: IdsOf): Promise<Links> {
  const linking = new Linking(messages, idsOf)
  for (let message = 0; message < messages; message++) {
    linking.register(message)
    if (linking.isTired()) await nextTurn()
  }
  for (let message = 0; message < messages; message++) {
    linking.link(message)
    if (linking.isTired()) await nextTurn()
  }
  return linking
}

class Linking implements Links {
  readonly parents: number[]
  readonly #children: number[]
  readonly #nodes = new Map<number, number>()
  readonly #idsOf: IdsOf
  #work = 0

  constructor(messages: number, idsOf: IdsOf) {
    this.#idsOf = idsOf
    this.parents = new Array<number>(messages).fill(none)
    this.#children = new Array<number>(messages).fill(0)
  }

  /** Enough was done in one go. */
  isTired(): boolean {
    if (this.#work < workPerTurn) return false
    this.#work = 0
    return true
  }

  /** Of several messages with one id, the first has it: the others are as if they had none. */
  register(message: number): void {
    this.#work++
    const id = this.#idsOf(message)[0] ?? 0
    if (id !== 0 && !this.#nodes.has(id)) this.#nodes.set(id, message)
  }

  link(message: number): void {
    const ids = this.#idsOf(message)
    let above = none
    for (let index = 1; index < ids.length; index++) {
      const node = this.#nodeOf(ids[index] ?? 0)
      // Step 1 A: links that are there already are left alone.
      if (above !== none && this.parents[node] === none) this.#hang(node, above)
      above = node
    }
    // Step 1 B: what others said of this message was cut short; what it says itself holds.
    this.#cut(message)
    if (above !== none) this.#hang(message, above)
    this.#work += ids.length
  }

  #nodeOf(id: number): number {
    const known = this.#nodes.get(id)
    if (known !== undefined) return known
    const dummy = this.parents.push(none) - 1
    this.#children.push(0)
    this.#nodes.set(id, dummy)
    return dummy
  }

  #hang(node: number, parent: number): void {
    if (this.#isAbove(node, parent)) return
    this.parents[node] = parent
    this.#children[parent] = (this.#children[parent] ?? 0) + 1
  }

  #cut(node: number): void {
    const parent = this.parents[node] ?? none
    if (parent === none) return
    this.parents[node] = none
    this.#children[parent] = (this.#children[parent] ?? 0) - 1
  }

  /** Whether hanging `node` below `other` would make a circle. */
  #isAbove(node: number, other: number): boolean {
    if (node === other) return true
    // Mostly the end of a thread: nobody is below it.
    if (this.#children[node] === 0) return false
    for (let up = this.parents[other] ?? none; up !== none; up = this.parents[up] ?? none) {
      this.#work++
      if (up === node) return true
    }
    return false
  }
}

/**
 * RFC 5256 §3 REFERENCES, step 3: the parent of each message, past dummies. A dummy stays where it holds several threads together at
 * the top.
 */
export function withoutDummies({ parents }: Links, messages: number): Int32Array {
  const tops = new Int32Array(parents.length - messages).fill(none)
  const result = new Int32Array(messages)
  const held = new Int32Array(parents.length - messages)
  for (let message = 0; message < messages; message++) {
    const parent = parents[message] ?? none
    const above = parent < messages ? parent : topOf(parents, messages, tops, parent)
    result[message] = above
    if (above >= messages) held[above - messages] = (held[above - messages] ?? 0) + 1
  }
  return result.map((above) => (above >= messages && held[above - messages] === 1 ? none : above))
}

/** The nearest message above a dummy, or else the topmost dummy. Found once for all that pass through. */
function topOf(parents: readonly number[], messages: number, tops: Int32Array, dummy: number): number {
  const passed: number[] = []
  let node = dummy
  let top = tops[node - messages] ?? none
  while (top === none) {
    passed.push(node)
    const parent = parents[node] ?? none
    if (parent === none) top = node
    else if (parent < messages) top = parent
    else {
      node = parent
      top = tops[node - messages] ?? none
    }
  }
  for (const each of passed) tops[each - messages] = top
  return top
}
