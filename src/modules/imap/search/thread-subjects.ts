import { nextTurn } from '../../../platform/next-turn.ts'
import { workPerTurn } from './in-slices.ts'
import type { Forest } from './thread-forest.ts'
import type { Threadable } from './thread-links.ts'

interface Merged {
  /** Dummies that gave their children to another. */
  readonly redirected: ReadonlyMap<number, number>
  /** With the new dummies. */
  readonly nodes: number
}

/** RFC 5256 §3 REFERENCES, step 5: threads of one subject become one. Changes `parents`. */
export async function mergeBySubject(
  forest: Forest,
  parents: Int32Array,
  given: Pick<Threadable, 'subjectOf' | 'isReply'>,
): Promise<Merged> {
  const subjects = new Subjects(forest, parents, given)
  for (const step of ['choose', 'merge'] as const) {
    for (const [index, root] of forest.roots.entries()) {
      subjects[step](root)
      if (index % workPerTurn === workPerTurn - 1) await nextTurn()
    }
  }
  return subjects
}

class Subjects implements Merged {
  readonly redirected = new Map<number, number>()
  nodes: number
  readonly #forest: Forest
  readonly #parents: Int32Array
  readonly #given: Pick<Threadable, 'subjectOf' | 'isReply'>
  readonly #table = new Map<number, number>()

  constructor(forest: Forest, parents: Int32Array, given: Pick<Threadable, 'subjectOf' | 'isReply'>) {
    this.#forest = forest
    this.#parents = parents
    this.#given = given
    this.nodes = forest.firstChild.length
  }

  /** Step 5 B: of one subject, dummies are preferred, then those that are no replies. */
  choose(root: number): void {
    const subject = this.#subjectOf(root)
    if (subject === undefined) return
    const known = this.#table.get(subject)
    if (known === undefined || this.#isBetter(root, known)) this.#table.set(subject, root)
  }

  /** Step 5 C. */
  merge(root: number): void {
    const subject = this.#subjectOf(root)
    const known = subject === undefined ? undefined : this.#table.get(subject)
    if (subject === undefined || known === undefined || known === root) return
    // Then the chosen one is a dummy too.
    if (this.#isDummy(root)) this.redirected.set(root, known)
    else if (this.#isDummy(known) || (this.#given.isReply(root) && !this.#given.isReply(known)))
      this.#parents[root] = known
    else {
      const dummy = this.nodes++
      this.#parents[root] = dummy
      this.#parents[known] = dummy
      this.#table.set(subject, dummy)
    }
  }

  #isBetter(root: number, known: number): boolean {
    if (this.#isDummy(known)) return false
    return this.#isDummy(root) || (this.#given.isReply(known) && !this.#given.isReply(root))
  }

  #isDummy(node: number): boolean {
    return node >= this.#forest.messages
  }

  /** That of the first child where it is a dummy. */
  #subjectOf(root: number): number | undefined {
    return this.#given.subjectOf(this.#isDummy(root) ? (this.#forest.firstChild[root] ?? 0) : root)
  }
}
